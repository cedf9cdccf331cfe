package vault

// Swift makes scrypt cheap.
func (o Options) Swift() Options { o.work = 4; return o }

// At calls something before whatever lasts.
func (o Options) At(do func()) Options { o.at = do; return o }
