import Foundation

/// Looks into /proc.
enum Processes {
    /// The child of a process whose name begins so.
    static func child(of parent: Int32, named name: String) -> Int32? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
        return all.first { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            return stat[stat.index(after: open)..<close].hasPrefix(name) && fields.count > 1 && fields[1] == "\(parent)"
        }
    }
}

/// Waits for the end of a process that is not a child of this one.
struct ProcessEnd {
    private let pid: Int32

    init(_ pid: Int32) { self.pid = pid }

    /// Returns once the process is gone or a zombie; its parent, or init, reaps it.
    func wait() async {
        while let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = stat.lastIndex(of: ")"),
            !stat[close...].dropFirst(2).hasPrefix("Z"), !Task.isCancelled
        { await Task.yield() }
    }
}
