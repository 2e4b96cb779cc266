#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
public import MediaEngine
public import ObjectStorage
public import TaskCore

/// Finds out what a video or sound file is: container, length, tracks.
public struct ProbeMedia: MediaTask {
    /// `media.probe`
    public static let name = "media.probe"

    /// A file.
    public struct Input: MediaTaskInput {
        /// The file.
        public var source: MediaSource
        /// Where to store the report as `metadata.json`; nil: it is the task's result only.
        public var folder: OutputFolder?

        /// Asks what a file is.
        public init(source: MediaSource, folder: OutputFolder? = nil) {
            self.source = source
            self.folder = folder
        }

        /// The folder's id: with another preset the report belongs to another folder.
        public var variation: String { folder?.id ?? "" }
    }

    /// What was found out.
    public struct Output: Codable, Sendable, Equatable {
        /// What the file is.
        public var report: ProbeReport
        /// The report as a file, where one was asked for.
        public var metadata: StoredReport?
    }

    /// A report as a file.
    public struct StoredReport: Codable, Sendable, Equatable {
        /// Where it is in the environment's outputs.
        public var key: ObjectKey
        /// Its bytes.
        public var byteCount: Int
    }

    private let environment: MediaEnvironment

    /// The task type, at work in this environment.
    public init(_ environment: MediaEnvironment) { self.environment = environment }

    /// Reads the file's headers.
    public func run(_ input: Input, context: TaskContext) async throws -> Output {
        let attempt = MediaAttempt(environment: environment, context: context)
        let result = try await attempt.withSource(input.source) { path in
            try await attempt.run(.probe(ProbeJob(input: path)))
        }
        guard case .probe(let report) = result else {
            throw MediaTaskError.translated(MediaError(.engineFailed, "The engine made no report."))
        }
        var output = Output(report: report)
        if let folder = input.folder {
            do {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                let bytes = [UInt8](try encoder.encode(report)) + [UInt8(ascii: "\n")]
                let info = try await attempt.store(bytes, as: ObjectKey("\(folder.prefix)/metadata.json"))
                output.metadata = StoredReport(key: info.key, byteCount: Int(info.size))
            } catch {
                throw MediaTaskError.translated(error)
            }
        }
        return output
    }
}
