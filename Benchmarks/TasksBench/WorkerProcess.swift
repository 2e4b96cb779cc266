import Foundation
import Synchronization
import TaskCore

/// A process that works: says `ready`, waits for `go`, says how many tasks it ran, and ends with its input.
enum WorkerProcess {
    static func main(_ place: BenchPlace, concurrency: Int) async throws {
        let manager = try await place.open()
        let lines = Lines(FileHandle.standardInput)
        let counter = Counter()
        let worker = try worker(manager, concurrency: concurrency, counter)
        print("ready")
        fflush(nil)
        guard await lines.next() == "go" else { return }
        try await worker.whileRunning {
            let talk = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(10))
                    print("ran \(counter.count)")
                    fflush(nil)
                }
            }
            while await lines.next() != nil {}
            talk.cancel()
        }
        for latency in counter.latencies { print("latency \(latency)") }
        for (id, time) in counter.noticed { print("noticed \(time) \(id)") }
        print("rss \(peakKiB())")
        fflush(nil)
        await manager.close()
    }

    /// A worker that can run every task of this program.
    static func worker(_ manager: TaskManager, concurrency: Int, _ counter: Counter) throws -> TaskWorker {
        try TaskWorker(manager, queues: .init("default", concurrency: concurrency)) {
            CountedNoOp(counter: counter)
            Stamp(stamps: counter)
            Hold(counter: counter)
            Reporting(counter: counter)
        }
    }

    static func peakKiB() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// How many handlers ran, and when those that were asked started or noticed that they were cancelled.
final class Counter: Sendable {
    private let state = Mutex<(count: Int, latencies: [Int64], noticed: [TaskID: Int64])>((0, [], [:]))
    func add() { state.withLock { $0.count += 1 } }
    func add(latency: Int64) { state.withLock { $0.latencies.append(latency) } }
    func add(noticed id: TaskID, at time: Int64) { state.withLock { $0.noticed[id] = time } }
    var count: Int { state.withLock(\.count) }
    var latencies: [Int64] { state.withLock(\.latencies) }
    var noticed: [TaskID: Int64] { state.withLock(\.noticed) }
}

struct CountedNoOp: TaskDefinition {
    static let name = NoOp.name
    let counter: Counter
    func run(_ input: NoOpInput, context: TaskContext) async throws -> NoValue {
        counter.add()
        return NoValue()
    }
}

/// Notes how long ago it was enqueued, by the machine's monotonic clock, which all processes share.
struct Stamp: TaskDefinition {
    static let name = "stamp"
    let stamps: Counter
    func run(_ enqueuedAt: Int64, context: TaskContext) async throws -> NoValue {
        stamps.add(latency: Self.now() - enqueuedAt)
        return NoValue()
    }

    /// Nanoseconds.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A file's lines as they come, read on a thread of its own.
final class Lines: Sendable {
    private let stream: AsyncStream<String>
    private let iterator: Mutex<Bool> = Mutex(false)

    init(_ file: FileHandle) {
        let descriptor = file.fileDescriptor
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        self.stream = stream
        Thread {
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeFirst(end + 1)
                }
            }
            continuation.finish()
        }.start()
    }

    func next() async -> String? {
        for await line in stream { return line }
        return nil
    }
}
