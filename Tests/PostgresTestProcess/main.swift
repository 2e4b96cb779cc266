import Foundation

// A process of its own for the tests of the PostgreSQL store: says what it does on standard output, a line each.

let options = ProcessOptions(Array(CommandLine.arguments.dropFirst()))
switch options.command {
case "work": try await Work.run(options)
case "enqueue": try await Enqueueing.run(options)
case "migrate": try await Migrating.run(options)
default:
    say("usage: PostgresTestProcess work|enqueue|migrate --url URL --schema SCHEMA …")
    exit(2)
}
