package dev.portcullis.devices.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/// What software can adjust; all of it forgotten by a controller reset.
///
/// @nvme 5.21 Set Features command
/// @nvme 5.13 Get Features command
final class Features {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int SAVE = 1 << 31;
  private static final int TEMPERATURE_WARNING = 1 << 1;
  private static final int OVER = 0;
  private static final int UNDER = 1;
  private static final long TIMESTAMP_SET = 1L << 49;
  private static final long MILLIS_BITS = (1L << 48) - 1;

  /// Which value Get Features wants.
  private enum Select {
    CURRENT,
    DEFAULT,
    SAVED,
    CAPABILITIES
  }

  private final Engine engine;
  private final Map<Feature, Integer> values = new EnumMap<>(Feature.class);
  private final BitSet uncoalesced = new BitSet();
  private final int[] temperatureThresholds = {Drive.WARNING_KELVIN, 0};
  private long timestampBase;
  private long timestampNanos = System.nanoTime();

  Features(Engine engine) {
    this.engine = engine;
    for (Feature feature : Feature.values()) {
      values.put(feature, feature.initially());
    }
    values.put(Feature.NUMBER_OF_QUEUES, queuesGranted());
    engine.drive().namespace().writeCache(true);
  }

  private int queuesGranted() {
    int less = engine.queues().most() - 1;
    return less << 16 | less;
  }

  void set(Command command, Reply reply, DataPath data) {
    Feature feature = Feature.of(command.dword(10) & 0xff);
    if (feature == null) {
      reply.end(Status.INVALID_FIELD);
    } else if ((command.dword(10) & SAVE) != 0) {
      reply.end(Status.FEATURE_NOT_SAVEABLE);
    } else {
      Status addressed = feature.objection(command.namespace());
      if (addressed.isSuccess()) {
        set(feature, command, reply, data);
      } else {
        reply.end(addressed);
      }
    }
  }

  private void set(Feature feature, Command command, Reply reply, DataPath data) {
    int value = command.dword(11);
    if (!feature.takes(value)) {
      reply.end(Status.INVALID_FIELD);
      return;
    }
    switch (feature) {
      case TEMPERATURE_THRESHOLD -> reply.end(temperatureThreshold(value));
      case VOLATILE_WRITE_CACHE ->
          reply.end(engine.drive().namespace().writeCache((value & 1) != 0));
      case NUMBER_OF_QUEUES -> numberOfQueues(value, reply);
      case INTERRUPT_VECTOR_CONFIGURATION -> reply.end(vectorConfiguration(value));
      case TIMESTAMP -> reply.end(timestamp(command, data));
      default -> values.put(feature, value & feature.mask());
    }
    if (feature == Feature.ASYNC_EVENT_CONFIGURATION) {
      warn();
    }
  }

  private void numberOfQueues(int asked, Reply reply) {
    if ((asked & 0xffff) == 0xffff || asked >>> 16 == 0xffff) {
      reply.end(Status.INVALID_FIELD);
    } else if (engine.queues().hasIoQueues()) {
      reply.end(Status.COMMAND_SEQUENCE_ERROR);
    } else {
      reply.succeed(queuesGranted());
    }
  }

  /// One sensor, the composite temperature; over and under thresholds.
  private Status temperatureThreshold(int value) {
    int sensor = value >> 16 & 0xf;
    int side = value >> 20 & 3;
    if (side > UNDER || sensor != 0 && sensor != 0xf) {
      return Status.INVALID_FIELD;
    }
    synchronized (temperatureThresholds) {
      temperatureThresholds[side] = value & 0xffff;
    }
    warn();
    return Status.SUCCESS;
  }

  /// The Critical Warning byte of the health log.
  int criticalWarnings() {
    synchronized (temperatureThresholds) {
      boolean outside =
          Drive.TEMPERATURE_KELVIN >= temperatureThresholds[OVER]
              || Drive.TEMPERATURE_KELVIN <= temperatureThresholds[UNDER];
      return outside ? TEMPERATURE_WARNING : 0;
    }
  }

  private void warn() {
    if ((criticalWarnings() & values.get(Feature.ASYNC_EVENT_CONFIGURATION)) != 0) {
      engine.events().raise(AsyncEvent.TEMPERATURE_THRESHOLD);
    }
  }

  private Status vectorConfiguration(int value) {
    int vector = value & 0xffff;
    if (vector > engine.queues().most()) {
      return Status.INVALID_FIELD;
    }
    uncoalesced.set(vector, (value & 1 << 16) != 0);
    return Status.SUCCESS;
  }

  private Status timestamp(Command command, DataPath data) {
    Status taken = data.take(command, 8);
    if (taken.isSuccess()) {
      timestampBase = data.buffer().get(LONG, 0) & MILLIS_BITS | TIMESTAMP_SET;
      timestampNanos = System.nanoTime();
    }
    return taken;
  }

  void get(Command command, Reply reply, DataPath data) {
    Feature feature = Feature.of(command.dword(10) & 0xff);
    int select = command.dword(10) >> 8 & 7;
    if (feature == null || select >= Select.values().length) {
      reply.end(Status.INVALID_FIELD);
      return;
    }
    Status addressed = feature.objectionToGet(command.namespace());
    if (!addressed.isSuccess()) {
      reply.end(addressed);
      return;
    }
    switch (Select.values()[select]) {
      case CURRENT -> current(feature, command, reply, data);
      case DEFAULT, SAVED -> reply.succeed(initially(feature, command.dword(11)));
      case CAPABILITIES -> reply.succeed(feature.capabilities());
    }
  }

  private void current(Feature feature, Command command, Reply reply, DataPath data) {
    int asked = command.dword(11);
    switch (feature) {
      case TEMPERATURE_THRESHOLD -> reply.succeed(thresholdOf(asked));
      case VOLATILE_WRITE_CACHE ->
          reply.succeed(engine.drive().namespace().hasWriteCache() ? 1 : 0);
      case INTERRUPT_VECTOR_CONFIGURATION -> {
        int vector = asked & 0xffff;
        if (vector > engine.queues().most()) {
          reply.end(Status.INVALID_FIELD);
        } else {
          reply.succeed(vector | (uncoalesced.get(vector) ? 1 << 16 : 0));
        }
      }
      case TIMESTAMP -> {
        long elapsedMillis = (System.nanoTime() - timestampNanos) / 1_000_000;
        long millis = timestampBase + elapsedMillis & MILLIS_BITS;
        MemorySegment buffer = data.buffer();
        buffer.set(LONG, 0, millis | timestampBase & ~MILLIS_BITS);
        reply.end(data.reply(command, 8));
      }
      default -> reply.succeed(values.get(feature));
    }
  }

  private int thresholdOf(int asked) {
    synchronized (temperatureThresholds) {
      boolean composite = (asked >> 16 & 0xf) == 0;
      return composite ? temperatureThresholds[asked >> 20 & 1] : 0;
    }
  }

  private int initially(Feature feature, int asked) {
    return switch (feature) {
      case TEMPERATURE_THRESHOLD -> (asked >> 20 & 1) == OVER ? Drive.WARNING_KELVIN : 0;
      case NUMBER_OF_QUEUES -> queuesGranted();
      case INTERRUPT_VECTOR_CONFIGURATION -> asked & 0xffff;
      default -> feature.initially();
    };
  }
}
