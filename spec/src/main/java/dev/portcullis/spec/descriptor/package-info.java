/// What software puts into the invalidation queue. Start with [InvalidationDescriptor].
package dev.portcullis.spec.descriptor;
