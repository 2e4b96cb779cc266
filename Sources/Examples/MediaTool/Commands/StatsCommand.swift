import ArgumentParser
import Foundation
import TaskCore

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count tasks by status, and tell how long they waited and ran in the last day."
    )

    @OptionGroup var store: StoreOption
    @OptionGroup var filter: FilterOptions

    @Flag(help: "Write one JSON object.")
    var json = false

    private struct Line: Encodable {
        var counts: [String: Int]
        var wait: TaskStatistics.Spread?
        var duration: TaskStatistics.Spread?
        var throughput: Double
        var queues: [QueueInfo]
        var workers: [WorkerInfo]
    }

    func run() async throws {
        let (statistics, queues, workers) = try await store.withManager { manager in
            (try await manager.statistics(filter.filter), try await manager.queues(), try await manager.workers())
        }
        if json {
            let line = Line(
                counts: Dictionary(uniqueKeysWithValues: statistics.counts.map { ($0.key.rawValue, $0.value) }),
                wait: statistics.wait,
                duration: statistics.duration,
                throughput: statistics.throughput,
                queues: queues,
                workers: workers
            )
            StandardOutput.write(JSONLine.encode(line))
        } else {
            StandardOutput.write(Self.text(of: statistics, queues, workers))
        }
    }

    private static func text(of statistics: TaskStatistics, _ queues: [QueueInfo], _ workers: [WorkerInfo]) -> String {
        let terminal = Terminal.current ?? .plain
        func title(_ text: String) -> String { terminal.styled(text.padded(to: 10), .bold) }
        var text = ""
        for status in TaskStatus.allCases {
            text += title(status.rawValue) + " " + String(statistics.counts[status] ?? 0).paddedLeft(to: 7) + "\n"
        }
        for (name, spread) in [("waited", statistics.wait), ("ran", statistics.duration)] {
            guard let spread else { continue }
            text += title(name) + " " + Format.duration(spread.average).paddedLeft(to: 7) + " on average, "
            text += "\(Format.duration(spread.p50)) half of them, \(Format.duration(spread.p95)) 95 %\n"
        }
        for queue in queues {
            text += title("queue") + " \(queue.name): \(queue.ready) ready, \(queue.scheduled) later, "
            text += "\(queue.running) running\(queue.isPaused ? ", paused" : "")\n"
        }
        for worker in workers {
            let left = worker.leaseUntil.timeIntervalSinceNow
            let life = left > 0 ? "alive" : "lost for \(Format.clock(-left))"
            text += title("worker") + " \(worker.id): \(life), runs \(Format.count(worker.running, "task"))\n"
        }
        return text
    }
}
