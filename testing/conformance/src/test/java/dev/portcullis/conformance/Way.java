package dev.portcullis.conformance;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.spec.register.Feature;

/// How software invalidates in a test of the caches.
enum Way {
  QUEUE,
  REGISTERS;

  TestMachine machine() {
    return TestMachine.withUnit(builder ->
            this == QUEUE
                ? builder.with(Feature.QUEUED_INVALIDATION)
                : builder.without(Feature.QUEUED_INVALIDATION))
        .translating();
  }
}
