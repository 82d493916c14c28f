package dev.portcullis.management.boot.manifest;

import dev.portcullis.management.boot.verity.Verity;
import java.util.Optional;

/// A disk that a partition should have.
///
/// @param device what the platform file calls it
/// @param verity what its first blocks should be; a disk of data, which may be anything, has none
public record ManifestDisk(String device, Optional<Verity> verity) {}
