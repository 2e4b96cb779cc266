import Foundation
import Synchronization
import TaskCore

/// For pipes and logs: a line when a file begins, now and then while it takes long, and when it is over; the table at the end.
final class LinesPresenter: Presenter {
    private struct State {
        var over = 0
        /// When each file was last told of.
        var told: [Int: ContinuousClock.Instant] = [:]
        var begun: Set<Int> = []
    }

    private let state = Mutex(State())
    private let interval: Duration = .seconds(2)

    func begin(_ board: Board) {}

    func changed(_ file: FileState, index: Int, of count: Int, task: TaskRecord?) {
        let line: String? = state.withLock { state in
            if file.status.isOver, file.status != .interrupted {
                state.over += 1
                return "[\(state.over)/\(count)] \(file.path.printable): \(Self.ending(of: file))"
            }
            guard file.status == .running else { return nil }
            let now = ContinuousClock.now
            if state.begun.insert(index).inserted {
                state.told[index] = now
                return "\(file.path.printable): started"
            }
            guard let told = state.told[index], now - told >= interval else { return nil }
            state.told[index] = now
            let percent = Int((file.fraction * 100).rounded(.down))
            return "\(file.path.printable): \(percent) % \(file.message?.printable ?? "")"
        }
        if let line { OutputThread.shared.write(line + "\n") }
    }

    func note(_ text: String) { OutputThread.shared.write(text + "\n") }

    func end(_ summary: Summary) async {
        let table = SummaryTable(summary: summary, terminal: .plain, columns: nil).text
        OutputThread.shared.write("\n" + table)
        await OutputThread.shared.flush()
    }

    private static func ending(of file: FileState) -> String {
        switch file.status {
        case .done where file.wasDoneBefore: "done before"
        case .done: "done in \(Format.duration(file.seconds))"
        case .failed: "failed: \(file.failure?.message.printable ?? "")"
        default: file.status.rawValue
        }
    }
}
