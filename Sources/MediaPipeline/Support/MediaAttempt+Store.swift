internal import MediaEngine
internal import ObjectStorage
internal import TaskCore

extension MediaAttempt {
    /// Stores an engine's images under `prefix`: all of them, or none.
    func store(_ images: [ImageOutput], under prefix: String) async throws -> [StoredImage] {
        let files = try images.map { image in
            let name = "\(image.variant).\(image.format.fileExtension)"
            return (key: try ObjectKey("\(prefix)/\(name)"), content: Content.file(image.path))
        }
        return zip(images, try await store(files)).map { image, info in
            StoredImage(
                variant: image.variant,
                key: info.key,
                format: image.format,
                width: image.width,
                height: image.height,
                frames: image.frames,
                byteCount: Int(info.size),
                sha256: info.sha256 ?? ""
            )
        }
    }

    /// Stores one small file.
    func store(_ bytes: [UInt8], as key: ObjectKey) async throws -> ObjectInfo {
        try await store([(key, .bytes(bytes))])[0]
    }

    private enum Content: Sendable {
        case file(String)
        case bytes([UInt8])
    }

    /// Once begun it is not cancelled: it takes little time, success wins over a late cancel, and no set is left half stored.
    private func store(_ files: [(key: ObjectKey, content: Content)]) async throws -> [ObjectInfo] {
        try context.checkCancellation()
        context.report(message: "storing")
        let outputs = environment.outputs
        return try await Task {
            var stored: [ObjectInfo] = []
            do {
                for (key, content) in files {
                    switch content {
                    case .file(let path): stored.append(try await outputs.put(key, file: path))
                    case .bytes(let bytes): stored.append(try await outputs.put(key, bytes: bytes))
                    }
                }
                return stored
            } catch {
                await Self.remove(stored, from: outputs)
                throw error
            }
        }.value
    }

    /// Takes back what was stored, unless another attempt stored it again: that one's must stay.
    private static func remove(_ stored: [ObjectInfo], from outputs: any ObjectStorage) async {
        for info in stored where (try? await outputs.head(info.key))?.etag == info.etag {
            try? await outputs.delete(info.key)
        }
    }
}
