#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Tracing

/// Runs the handler of one attempt and says how it ended: the one executor, for workers, hand-driven closures and tests.
package struct AttemptRunner: Sendable {
    package let registry: TaskRegistry
    private let isTracing = InstrumentationSystem.isTracing

    package init(registry: TaskRegistry) { self.registry = registry }

    /// Looks the type up, runs it, and turns whatever comes of it into an outcome; never throws.
    package nonisolated(nonsending) func run(_ attempt: RunningAttempt) async -> Finish.Outcome {
        let record = attempt.record
        guard attempt.stopReason == nil else {
            return ended(
                by: CancellationError(),
                attempt,
                registry[record.name]?.defaults.retry ?? TaskDefaults().retry
            )
        }
        guard let type = registry[record.name] else {
            let failure = TaskFailure.unknownName(record.name)
            return Self.failed(failure, TaskError(.invalidInput, failure.message), attempt, TaskDefaults().retry)
        }
        return await run(attempt, retry: type.defaults.retry) { try await type.run(record.input, $0) }
    }

    /// Runs a closure as the handler.
    package nonisolated(nonsending) func run(
        _ attempt: RunningAttempt,
        retry: RetryPolicy,
        handler: nonisolated(nonsending) @Sendable (TaskContext) async throws -> JSONText
    ) async -> Finish.Outcome {
        do {
            let result = try await traced(attempt) { try await handler(TaskContext(attempt)) }
            if let failure = TaskFailure.tooLarge(result: result) { return .failed(failure, retryAfter: nil) }
            return .done(result: result, followUps: attempt.followUps)
        } catch let snooze as Snooze {
            return .snoozed(for: max(.zero, snooze.delay))
        } catch {
            return ended(by: error, attempt, retry)
        }
    }

    private nonisolated(nonsending) func traced(
        _ attempt: RunningAttempt,
        _ body: nonisolated(nonsending) () async throws -> JSONText
    ) async throws -> JSONText {
        guard isTracing else { return try await body() }
        let context = attempt.record.request.traceContext
        return try await withSpan("task \(attempt.record.name)", context: context, ofKind: .consumer) { span in
            span.attributes["task.id"] = "\(attempt.record.id)"
            span.attributes["task.attempt"] = attempt.record.attempts
            return try await body()
        }
    }

    private func ended(by error: any Error, _ attempt: RunningAttempt, _ retry: RetryPolicy) -> Finish.Outcome {
        switch attempt.stopReason {
        case .timedOut:
            let failure = TaskFailure.timedOut(after: attempt.record.timeout ?? .zero)
            var generator = SystemRandomNumberGenerator()
            let delay = retry.delay(
                afterAttempt: attempt.record.attempts,
                error: TaskError(.taskFailed, failure.message),
                using: &generator
            )
            return .timedOut(failure, retryAfter: delay)
        case .cancelRequested where error is CancellationError:
            return .cancelled
        case .draining, .leaseLost:
            return .released
        case .cancelRequested, nil:
            return Self.failed(TaskFailure(of: error), error, attempt, retry)
        }
    }

    private static func failed(
        _ failure: TaskFailure,
        _ error: any Error,
        _ attempt: RunningAttempt,
        _ retry: RetryPolicy
    ) -> Finish.Outcome {
        guard failure.isRetryable else { return .failed(failure, retryAfter: nil) }
        var generator = SystemRandomNumberGenerator()
        let delay = retry.delay(afterAttempt: attempt.record.attempts, error: error, using: &generator)
        return .failed(failure, retryAfter: delay)
    }
}

extension TaskFailure {
    /// Why a result cannot be kept; nil when it can.
    static func tooLarge(result: JSONText) -> TaskFailure? {
        guard result.byteCount > TaskLimits.resultBytes else { return nil }
        return TaskFailure(
            code: "result_too_large",
            message: "The result has \(result.byteCount) bytes, more than \(TaskLimits.resultBytes); "
                + "store large data elsewhere and return a reference.",
            isRetryable: false
        )
    }

    /// What is kept of an error that a handler threw.
    package init(of error: any Error) {
        if let convertible = error as? any TaskFailureConvertible {
            let failure = convertible.taskFailure
            self.init(code: failure.code, message: failure.message, isRetryable: failure.isRetryable)
        } else if error is CancellationError {
            self.init(
                code: "handler_cancelled",
                message: "The handler stopped by a cancellation that nobody had asked for.",
                isRetryable: true
            )
        } else {
            self.init(code: Self.handlerErrorCode, message: error.readable, isRetryable: true)
        }
    }
}
