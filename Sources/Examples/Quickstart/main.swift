import Foundation
import TaskCore
import TaskStorePostgres
import TaskStoreSQLite

/// A task type: what is asked for, what comes back, and how it is done.
struct CountWords: TaskDefinition {
    static let name = "count-words"

    func run(_ text: String, context: TaskContext) async throws -> Int {
        let words = text.split(whereSeparator: \.isWhitespace)
        for number in words.indices { context.report(Double(number + 1), of: Double(words.count)) }
        return words.count
    }
}

// One line decides where tasks live: MemoryTaskStore() in a unit test, a file on one machine, postgres://… for a fleet.
let place = CommandLine.arguments.dropFirst().first ?? "quickstart.sqlite"
guard !place.hasPrefix("-") else {
    print("usage: quickstart [FILE | postgres://…]")
    exit(0)
}
let tasks = await orExit {
    let isPostgres = place.hasPrefix("postgres://") || place.hasPrefix("postgresql://")
    return try await TaskManager(store: isPostgres ? PostgresTaskStore(place) : SQLiteTaskStore(path: place))
}
let worker = try TaskWorker(tasks) { CountWords() }

try await worker.whileRunning {
    let task = try await tasks.enqueue(CountWords.self, "no broker, typed, crash-safe, live")
    for try await update in task.updates {
        print("\(update.record.status.rawValue) \(Int(update.record.percent)) %")
    }
    print("words:", try await task.value)
}
await tasks.close()

/// What the body makes; when it cannot, says why and ends the program.
func orExit<Value>(_ body: () async throws -> Value) async -> Value {
    do {
        return try await body()
    } catch {
        FileHandle.standardError.write(Data("error: \((error as? TaskError)?.message ?? "\(error)")\n".utf8))
        exit(1)
    }
}
