package dev.portcullis.management;

import java.nio.file.Path;

/// What the services partition does for the others.
///
/// @param state folder for what must outlive a sudden end
public record ManagementDescription(Path state) {}
