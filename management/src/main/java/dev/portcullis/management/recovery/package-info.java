/// Rebuilds partitions from their safe images. Start with [Recovery].
package dev.portcullis.management.recovery;
