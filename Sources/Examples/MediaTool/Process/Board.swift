import Synchronization
import TaskCore

/// How every file of the call stands. Whoever changes something tells the presenter, in the order of the changes.
final class Board: Sendable {
    private let files: Mutex<[FileState]>
    private let presenter: any Presenter

    init(paths: [String], presenter: any Presenter) {
        files = Mutex(paths.map(FileState.init))
        self.presenter = presenter
        presenter.begin(self)
    }

    var snapshot: [FileState] { files.withLock { $0 } }

    /// Changes a file and tells the presenter; what is over stays as it is.
    func change(_ index: Int, task: TaskRecord? = nil, _ change: (inout FileState) -> Void) {
        files.withLock { files in
            guard !files[index].status.isOver else { return }
            change(&files[index])
            // Under the lock, so that no two changes are told in the wrong order; presenters only take note.
            presenter.changed(files[index], index: index, of: files.count, task: task)
        }
    }

    /// Marks what is not over as interrupted.
    func interrupt() {
        for index in snapshot.indices { change(index) { $0.status = .interrupted } }
    }
}

/// Shows a call to a person or a program. Methods are called under a lock: they return at once.
protocol Presenter: Sendable {
    func begin(_ board: Board)
    /// A file changed; `task` is the task whose change it was, where it was one's.
    func changed(_ file: FileState, index: Int, of count: Int, task: TaskRecord?)
    /// Something to be told between the files.
    func note(_ text: String)
    /// The call is over; returns when everything is written.
    func end(_ summary: Summary) async
}

/// How the call ended.
struct Summary: Sendable {
    var files: [FileState]
    /// Wall time.
    var seconds: Double
    /// The signal that interrupted it, if one did.
    var signal: Int32?

    func count(_ status: FileState.Status) -> Int { files.count { $0.status == status } }

    /// 0 when every file is done, 1 when one is not, 128 + signal when interrupted before that.
    var exitCode: Int32 {
        if count(.done) == files.count { return 0 }
        return signal.map { 128 + $0 } ?? 1
    }
}
