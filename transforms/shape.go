package transforms

func (p *Program) givesOne() bool { return false }
