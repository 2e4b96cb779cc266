import Foundation
import TaskCore
import TaskStoreSQLite

// A process of its own for the tests of the SQLite store: says what it did on standard output, a line each, and ends when standard
// input does.

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    say("usage: SQLiteTestProcess drain|write|migrate <file>")
    exit(2)
}
switch arguments[1] {
case "drain": try await Drain.run(path: arguments[2])
case "write": try await Writing.run(path: arguments[2], seed: UInt64(arguments.last ?? "") ?? 1)
case "migrate": try await migrate(path: arguments[2])
default: exit(2)
}

/// Opens the file and migrates it when told to, so that several processes do it at once.
func migrate(path: String) async throws {
    say("ready")
    _ = await inputLine()
    let store = try await SQLiteTaskStore(path: path)
    try await store.migrate()
    say("version \(try await store.schemaVersion())")
    await store.close()
}
