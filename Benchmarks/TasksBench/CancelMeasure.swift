import TaskCore

/// Runs until it is cancelled, and notes when it noticed.
struct Hold: TaskDefinition {
    static let name = "hold"
    let counter: Counter

    func run(_ input: NoValue, context: TaskContext) async throws -> NoValue {
        counter.add()
        do {
            try await Task.sleep(for: .seconds(86_400))
        } catch {
            counter.add(noticed: context.id, at: Stamp.now())
            throw error
        }
        return NoValue()
    }
}

enum CancelMeasure {
    /// From the call to cancel a running task to the moment its handler notices, in another process where the store allows. One after
    /// the other, with pauses, so that each has to be heard of by itself.
    static func run(_ place: BenchPlace, _ manager: TaskManager, _ count: Int) async throws -> Ranks {
        var asked: [TaskID: Int64] = [:]
        let words = try await WorkerBeside.run(place, manager, concurrency: count) { haveBegun in
            let inputs = Array(repeating: NoValue(), count: count)
            let handles = try await manager.enqueue(Hold.self, all: inputs)
            try await haveBegun(count)
            for handle in handles.shuffled() {
                try await Task.sleep(for: .milliseconds(Double.random(in: 10...50)))
                asked[handle.id] = Stamp.now()
                try await handle.cancel()
            }
            while try await !place.isDrained(manager) { try await Task.sleep(for: .milliseconds(20)) }
        }
        let times = asked.compactMap { id, start in words.noticed[id].map { $0 - start } }
        guard times.count == count else { throw BenchError("\(times.count) of \(count) handlers noticed") }
        return Ranks(nanoseconds: times)
    }
}
