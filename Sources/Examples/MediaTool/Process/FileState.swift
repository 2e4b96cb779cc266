import Foundation
import TaskCore

/// One file of the call, as it stands.
struct FileState: Sendable {
    enum Status: String, Encodable, Sendable {
        case waiting, running, done, failed, cancelled, interrupted
        var isOver: Bool { self != .waiting && self != .running }
    }

    /// Why it failed: what a task's failure says, or what is wrong with the file.
    struct Failure: Encodable, Sendable {
        var code: String
        var message: String
    }

    /// One file that was made.
    struct Output: Encodable, Sendable {
        /// From the working directory, or absolute, as `--out` was given.
        var path: String
        var bytes: Int
        var width: Int?
        var height: Int?

        /// `thumb.jpg 320×240 19 kB`
        var description: String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let size = zip2(width, height).map { " \($0)×\($1)" } ?? ""
            return "\(name)\(size) \(Format.bytes(bytes))"
        }
    }

    /// As typed.
    let path: String
    /// `image`, `video`, `audio`; nil until it is known.
    var kind: String?
    var status = Status.waiting
    /// 0…1 of everything that is done with the file.
    var fraction = 0.0
    /// What is being done.
    var message: String?
    /// What it is, in a few words.
    var facts: String?
    var outputs: [Output] = []
    var failure: Failure?
    /// When the running task was started.
    var runningSince: Date?
    /// How long its tasks ran.
    var seconds = 0.0
    /// Everything had been done by an earlier call.
    var wasDoneBefore = false

    init(path: String) { self.path = path }

    /// The name in lists: the last part of the path.
    var name: String { (path.split(separator: "/").last.map(String.init) ?? path).printable }

    /// Where its outputs are; nil without any.
    var folder: String? { outputs.first.map { $0.path.split(separator: "/").dropLast().joined(separator: "/") } }

    /// The folder as a path: a leading slash is not lost.
    var folderPath: String? { folder.map { outputs[0].path.hasPrefix("/") ? "/\($0)" : $0 } }
}

private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    guard let a, let b else { return nil }
    return (a, b)
}
