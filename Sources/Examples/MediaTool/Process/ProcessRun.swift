import Foundation
import Synchronization
import TaskCore
import UnixSignals

/// One call of `process` from its first file to its last, or to a signal.
struct ProcessRun {
    let call: ProcessCall
    let paths: [String]
    let presenter: any Presenter

    /// Works until every file is over, or until the first SIGINT, SIGTERM or SIGHUP: then tasks under way are given back.
    func run(_ worker: TaskWorker, canResume: Bool) async throws -> Summary {
        let startedAt = ContinuousClock.now
        let board = Board(paths: paths, presenter: presenter)
        let received = Mutex<Int32?>(nil)
        let files = Task { await handleFiles(board) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let interrupts = Task { [presenter] in
            for await signal in signals {
                let isFirst = received.withLock { received in
                    defer { received = received ?? signal.rawValue }
                    return received == nil
                }
                // The second one is from somebody who does not want to wait; killed processes' tasks go on, too.
                guard isFirst else { _exit(128 + signal.rawValue) }
                presenter.note("Stopping: tasks under way are given back. Once more to stop at once.")
                files.cancel()
            }
        }
        try await worker.whileRunning { await files.value }
        interrupts.cancel()
        board.interrupt()
        return Summary(
            files: board.snapshot,
            seconds: (ContinuousClock.now - startedAt) / .seconds(1),
            signal: received.withLock { $0 }
        )
    }

    /// Enqueues in the order of the command line, and follows all at once.
    private func handleFiles(_ board: Board) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, path) in paths.enumerated() {
                guard !Task.isCancelled else { return }
                let job = FileJob(call: call, board: board, index: index, path: path)
                if let rest = await job.begin() { group.addTask { await rest() } }
            }
        }
    }
}
