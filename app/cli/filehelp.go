package cli

// fileHelp is what jackfield help file prints. The part between the lines of dashes is
// a flow file with all that can stand in one.
const fileHelp = `A flow is a YAML file whose name ends in .flow.yaml. All that can stand in one:

---
jackfield: 1                       # the version of the format
name: Orders to shop
note: What it is for.
steps:
  - id: orders                     # small letters, digits and _
    title: All orders              # what the card on the canvas shows
    uses: json.read                # jackfield connectors ls lists what steps can do
    with: {path: orders.json}      # jackfield connectors show json.read lists the fields
  - id: each
    uses: core.each                # a container: core.each and core.scope
    with: {items: .lines}
  - id: send
    in: each                       # the container it is in; items come to its first steps by themselves
    uses: http.request
    connection: shop               # jackfield connections ls
    with: {method: POST, path: /lines}
    map: '{body: {sku: .sku}}'     # jq: from the record that comes to the fields
    retry:
      tries: 5                     # all attempts together; 1 is never again
      first: 2s                    # the pause before the second; it doubles
      most: 1m                     # the longest pause
      only: [throttled, unavailable]  # these kinds alone; a record's problem names its kind with --json
    on_error: stop                 # a failed record ends the run; else it leaves by failed
    uncertain: ask                 # where nobody knows whether it was done: ask, again or skip
    timeout: 30s                   # of one attempt
    rate: 10/s                     # attempts, of all runs together
    parallel: 4                    # records at the same time
    order: .sku                    # jq: those that come to the same are kept in order
  - id: note
    uses: core.log
    off: true                      # records pass it untouched
edges:
  - orders -> each
  - each.failed -> note            # STEP.OUTLET; without one it is done
  - {from: each, to: note, when: .total > 100}  # jq: only records for which it holds
settings:
  timeout: 2h                      # of a run
  keep: 50                         # runs, the newest
  quota: 1GB                       # what its runs may take of the disk
  retries: 200                     # of a run, all steps together
  concurrency: 1                   # runs at the same time; the others wait
  on_failure: Tell somebody        # the flow that is started when a run ends failed or partial
  unresolved: leave                # a failed run is not resumed before the next scheduled one; else it is
layout:
  orders: [40, 40]                 # places on the canvas
---

jackfield check FILE says what is wrong with one, and where.
`
