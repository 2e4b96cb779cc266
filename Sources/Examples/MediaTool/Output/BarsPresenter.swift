import Foundation
import Synchronization
import TaskCore

/// For people: a bar for every file, drawn ten times a second while something changes; the table at the end.
final class BarsPresenter: Presenter {
    private struct State {
        var board: Board?
        var region = ScreenRegion()
        var note: String?
        var isOver = false
        var fractionAtStart: Double?
        var lastLines: [String] = []
        var lastColumns = 0
    }

    private let terminal: Terminal
    private let state = Mutex(State())
    private let startedAt = ContinuousClock.now

    init(terminal: Terminal) { self.terminal = terminal }

    func begin(_ board: Board) {
        state.withLock { $0.board = board }
        let thread = Thread { [self] in
            while draw() { Thread.sleep(forTimeInterval: 0.1) }
        }
        thread.name = "bars"
        thread.start()
    }

    func changed(_ file: FileState, index: Int, of count: Int, task: TaskRecord?) {}

    func note(_ text: String) { state.withLock { $0.note = text } }

    func end(_ summary: Summary) async {
        let clear = state.withLock { state in
            state.isOver = true
            state.board = nil
            return state.region.clear(columns: Terminal.size.columns)
        }
        let table = SummaryTable(summary: summary, terminal: terminal, columns: Terminal.size.columns).text
        OutputThread.shared.write(clear + table)
        await OutputThread.shared.flush()
    }

    /// - Returns: False once the call is over.
    private func draw() -> Bool {
        // Not under the lock: the board calls back under its own.
        guard let board = state.withLock({ $0.board }) else { return !state.withLock { $0.isOver } }
        let files = board.snapshot
        let size = Terminal.size
        return state.withLock { state in
            guard !state.isOver else { return false }
            let atStart =
                state.fractionAtStart ?? files.reduce(0) { $0 + ($1.wasDoneBefore ? 1 : 0) } / Double(files.count)
            let elapsed = (ContinuousClock.now - startedAt) / .seconds(1)
            // Files that were done before show within the first moments.
            if elapsed > 1 { state.fractionAtStart = atStart }
            let lines = BarsFrame(
                files: files,
                columns: size.columns,
                rows: size.rows,
                terminal: terminal,
                now: Date(),
                elapsed: elapsed,
                fractionAtStart: atStart,
                note: state.note
            ).lines
            guard lines != state.lastLines || size.columns != state.lastColumns else { return true }
            state.lastLines = lines
            state.lastColumns = size.columns
            OutputThread.shared.write(state.region.redraw(lines, columns: size.columns))
            return true
        }
    }
}
