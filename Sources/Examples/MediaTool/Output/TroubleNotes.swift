import Logging
import Synchronization

/// Tells a person what the library logs as going wrong, each trouble once: a full disk under the store, say, which it waits out.
final class TroubleNotes: Sendable {
    private let presenter: any Presenter
    private let told = Mutex<Set<String>>([])

    init(_ presenter: any Presenter) { self.presenter = presenter }

    var logger: Logger { Logger(label: "media-tool") { _ in Handler(notes: self) } }

    private func tell(_ error: String) {
        guard told.withLock({ $0.insert(error).inserted }) else { return }
        presenter.note("\(error) Trying again until it works; Ctrl-C stops.")
    }

    private struct Handler: LogHandler {
        let notes: TroubleNotes
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if let error = event.metadata?["error"] { notes.tell("\(error)") }
        }
    }
}
