extension MediaResult {
    /// Checks that the result is one of `job`, moves its files out of the scratch directory, and returns it with the paths
    /// they have now.
    ///
    /// The result may come from a process that a hostile file took over, so nothing in it is believed that names a file.
    func committed(for job: MediaJob, from scratch: Scratch?) throws(MediaError) -> MediaResult {
        switch (self, job, scratch) {
        case (.probe, .probe, _): return self
        case (.image(let result), .image(let job), let scratch?):
            return .image(try Self.commit(result, job.preset, job.outputDirectory, scratch))
        case (.poster(var result), .poster(let job), let scratch?):
            result.image = try Self.commit(result.image, job.preset, job.outputDirectory, scratch)
            return .poster(result)
        default: throw Self.untrustworthy
        }
    }

    private static let untrustworthy = MediaError(.engineCrashed, "The media engine's answer does not fit the job.")

    private static func commit(
        _ result: ImageResult,
        _ preset: ImagePreset,
        _ directory: String,
        _ scratch: Scratch
    ) throws(MediaError) -> ImageResult {
        let expected = preset.variants.flatMap { variant in variant.formats.map { (variant, $0) } }
        guard expected.count == result.outputs.count else { throw untrustworthy }
        var result = result
        var names: [String] = []
        for (index, (variant, format)) in expected.enumerated() {
            let name = variant.fileName(format)
            let size = OutputFile.size(of: "\(scratch.path)/\(name)")
            let output = result.outputs[index]
            guard output.variant == variant.name, output.format == format, size > 0 else { throw untrustworthy }
            result.outputs[index].path = "\(directory)/\(name)"
            result.outputs[index].byteCount = size
            names.append(name)
        }
        try scratch.commit(names, to: directory)
        return result
    }
}
