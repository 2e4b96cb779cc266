import Foundation

/// One picture of the bars: a value made of values, so that it can be tested without a terminal.
struct BarsFrame {
    let files: [FileState]
    let columns: Int
    let rows: Int
    let terminal: Terminal
    let now: Date
    /// Seconds since the call began.
    let elapsed: Double
    /// What was done of the whole when it began, 0…1.
    let fractionAtStart: Double
    let note: String?

    /// The part done of all files, 0…1.
    static func fraction(of files: [FileState]) -> Double {
        guard !files.isEmpty else { return 0 }
        return files.reduce(0) { $0 + ($1.status.isOver ? 1 : $1.fraction) } / Double(files.count)
    }

    /// Lines that are narrower than the terminal, and few enough that it never scrolls.
    var lines: [String] {
        let visible = window
        var lines = visible.map(line)
        let hidden = files.count - visible.count
        if hidden > 0 {
            lines.append(terminal.styled("  … and \(Format.count(hidden, "file")) more".cut(to: columns - 1), .dim))
        }
        lines.append(overall)
        if let note { lines.append(terminal.styled("  \(note)".cut(to: columns - 1), .yellow)) }
        return lines
    }

    /// As many files as there is room for, from a little before the first that is not over.
    private var window: ArraySlice<FileState> {
        let room = max(1, rows - 4)
        guard files.count > room else { return files[...] }
        let first = files.firstIndex { !$0.status.isOver } ?? files.count
        let start = min(max(0, first - room / 3), files.count - room)
        return files[start..<start + room]
    }

    private var nameWidth: Int {
        min(files.map(\.name.displayWidth).max() ?? 10, max(8, columns * 2 / 5), 40)
    }

    private func line(_ file: FileState) -> String {
        let name = file.name.cutInMiddle(to: nameWidth).padded(to: nameWidth)
        let room = columns - 1 - 2 - nameWidth - 2
        switch file.status {
        case .waiting:
            return terminal.styled("  " + name + "  " + "waiting".cut(to: room), .dim)
        case .running:
            return "  " + name + "  " + running(file, room)
        case .done:
            let text = file.wasDoneBefore ? "done before" : "done in \(Format.duration(file.seconds))"
            let outputs = file.outputs.isEmpty ? "" : ", \(Format.count(file.outputs.count, "file"))"
            return terminal.styled(terminal.check, .green) + " " + name + "  " + (text + outputs).cut(to: room)
        case .failed:
            let reason = file.failure?.message.printable ?? "failed"
            return terminal.styled(terminal.cross, .red) + " " + name + "  " + reason.cut(to: room)
        case .cancelled, .interrupted:
            return terminal.styled(terminal.dash, .yellow) + " " + name + "  " + file.status.rawValue.cut(to: room)
        }
    }

    private func running(_ file: FileState, _ room: Int) -> String {
        let time = file.runningSince.map { Format.clock(max(0, now.timeIntervalSince($0))) } ?? ""
        let barWidth = min(30, max(0, room - 6 - 8 - 14))
        var text = barWidth >= 5 ? bar(file.fraction, barWidth) + " " : ""
        let used = barWidth >= 5 ? barWidth + 1 : 0
        let percent = "\(Int((file.fraction * 100).rounded(.down))) %".paddedLeft(to: 5)
        let rest = [percent, time, file.message?.printable ?? ""].filter { !$0.isEmpty }.joined(separator: "  ")
        text += rest.cut(to: max(0, room - used))
        return text
    }

    private var overall: String {
        let over = files.count { $0.status.isOver }
        let failed = files.count { $0.status == .failed }
        let fraction = Self.fraction(of: files)
        var text = "  \(Int((fraction * 100).rounded(.down))) %, \(over) of \(Format.count(files.count, "file"))"
        if failed > 0 { text += ", \(failed) failed" }
        text += ", \(Format.clock(elapsed)) so far"
        if let left = secondsLeft(fraction) { text += ", about \(Format.clock(left)) left" }
        let barWidth = min(30, columns - 1 - text.displayWidth - 3)
        guard barWidth >= 8 else { return text.cut(to: columns - 1) }
        return "  " + bar(fraction, barWidth) + text
    }

    /// From how fast this call went so far; nil while that says little.
    private func secondsLeft(_ fraction: Double) -> Double? {
        let gained = fraction - fractionAtStart
        guard elapsed > 2, gained > 0.05, fraction < 1 else { return nil }
        return elapsed / gained * (1 - fraction)
    }

    private func bar(_ fraction: Double, _ width: Int) -> String {
        let filled = min(width, max(0, Int((fraction * Double(width)).rounded(.down))))
        let (full, empty) = terminal.hasUnicode ? ("━", "─") : ("#", "-")
        return terminal.styled(String(repeating: full, count: filled), .cyan)
            + terminal.styled(String(repeating: empty, count: width - filled), .dim)
    }
}
