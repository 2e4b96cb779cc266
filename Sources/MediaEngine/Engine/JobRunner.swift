internal import CVips

/// Runs one job on the calling thread, in whichever process that is.
enum JobRunner {
    /// Runs `job`, with all its files in `directory` (nil for jobs that write none).
    static func run(
        _ job: MediaJob,
        in directory: String?,
        limits: MediaLimits,
        cancellation: CancellationFlag,
        progress: @escaping @Sendable (MediaProgress) -> Void
    ) throws(MediaError) -> MediaResult {
        try cancellation.check()
        let images = ImageProcessor(limits: limits, cancellation: cancellation, progress: progress)
        do {
            switch (job, directory) {
            case (.image(let image), let directory?):
                defer { cvips_thread_end() }
                return .image(try images.process(path: image.input, preset: image.preset, directory: directory))
            case (.probe(let probe), _):
                return .probe(try VideoProbe.probe(path: probe.input, limits: limits, cancellation: cancellation))
            case (.poster(let poster), let directory?):
                try poster.preset.validate()
                let frame = try PosterExtractor.frame(
                    path: poster.input,
                    position: poster.position,
                    limits: limits,
                    cancellation: cancellation
                ) { report in
                    var report = report
                    report.fraction *= 0.5
                    progress(report)
                }
                defer { cvips_thread_end() }
                let image = try images.process(frame: frame, preset: poster.preset, directory: directory)
                return .poster(PosterResult(time: frame.time, image: image))
            case (.image, nil), (.poster, nil):
                throw MediaError(.invalidJob, "The job has no directory to write into.")
            }
        } catch let error as MediaError {
            throw error
        } catch {
            throw cancellation.reason ?? MediaError(.engineFailed, "The media engine failed.")
        }
    }
}

extension MediaJob {
    /// The local path of the input.
    package var input: String {
        switch self {
        case .image(let job): job.input
        case .probe(let job): job.input
        case .poster(let job): job.input
        }
    }

    /// Where outputs go and which; nil for jobs that write none.
    var outputs: (directory: String, preset: ImagePreset)? {
        switch self {
        case .image(let job): (job.outputDirectory, job.preset)
        case .poster(let job): (job.outputDirectory, job.preset)
        case .probe: nil
        }
    }
}
