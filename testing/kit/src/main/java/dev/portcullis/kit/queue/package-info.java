/// Invalidation as software does it: through the queue or through registers.
package dev.portcullis.kit.queue;
