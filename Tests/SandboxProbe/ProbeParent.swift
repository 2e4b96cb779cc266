internal import Glibc
internal import MediaEngine

/// A parent that uses the engine like any program does, and reports the child's process identifier.
enum ProbeParent {
    /// Runs a job on the image and in the directory that the environment names, and says how much memory its child used at most, in kB.
    ///
    /// A program of its own, because a child counts what its parent had when it was made.
    static func peak(_ child: String) async -> Int32 {
        guard let input = getenv("PROBE_INPUT"), let output = getenv("PROBE_OUTPUT") else { return 64 }
        let job = ImageJob(
            input: String(cString: input),
            outputDirectory: String(cString: output),
            preset: ImagePreset(variants: [ImageVariant("v", width: 1600, formats: [.jpeg, .webp])])
        )
        _ = try? await MediaEngine(isolation: .childProcess(executable: .path(child))).run(.image(job))
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        print(usage.ru_maxrss)
        return 0
    }

    /// Runs a long job on the image and in the directory that the environment names.
    static func run(_ child: String) async -> Int32 {
        guard let input = getenv("PROBE_INPUT"), let output = getenv("PROBE_OUTPUT") else { return 64 }
        let variants = (0..<40).map { ImageVariant("v\($0)", width: 2000 - $0, formats: [.avif, .png]) }
        let job = ImageJob(
            input: String(cString: input),
            outputDirectory: String(cString: output),
            preset: ImagePreset(variants: variants)
        )
        let engine = MediaEngine(isolation: .childProcess(executable: .path(child)))
        do {
            _ = try await engine.run(.image(job)) { progress in
                guard progress.phase == .render else { return }
                print("rendering")
                fflush(nil)
            }
            print("finished")
            return 0
        } catch {
            print("failed")
            return 1
        }
    }
}
