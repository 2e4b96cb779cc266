internal import MediaEngine
internal import ObjectStorage
internal import TaskCore

/// Why a media task failed, as its record keeps it: a code, a sentence without a path, and whether a retry makes sense.
struct MediaTaskError: TaskFailureConvertible {
    let taskFailure: TaskFailure

    private init(_ code: String, _ message: String, isRetryable: Bool) {
        taskFailure = TaskFailure(code: code, message: message, isRetryable: isRetryable)
    }

    static let sourceMissing = MediaTaskError(
        "source_missing",
        "The file is not there any more.",
        isRetryable: false
    )

    static let sourceChanged = MediaTaskError(
        "source_changed",
        "The file's bytes are not those that were asked for: it changed meanwhile. Ask again for what it is now.",
        isRetryable: false
    )

    /// The error to end the attempt with: what is known here in its own words, anything else as it is.
    static func translated(_ error: any Error) -> any Error {
        switch error {
        case let error as MediaError where error.code == .cancelled:
            return CancellationError()
        case let error as MediaError:
            return MediaTaskError(snakeCase(error.code.rawValue), error.message, isRetryable: !error.isPermanent)
        case let error as ObjectStorageError:
            return MediaTaskError(error.code.rawValue, error.message, isRetryable: error.isRetryable)
        default:
            return error
        }
    }

    /// `corruptInput` as `corrupt_input`, the way codes of tasks are written.
    private static func snakeCase(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}
