package dev.portcullis.vmm.bridge;

import dev.portcullis.net.Link;
import dev.portcullis.net.pcapng.CaptureFiles;
import dev.portcullis.net.pcapng.CaptureFiles.Room;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.Direction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Where a link is plugged into a bridge.
public final class Port {
  private static final long SWEEP_NANOS = 1_000_000_000;

  /// Whose frames come in here.
  public enum Role {
    /// Of stations at the other end of the link.
    MEMBER,
    /// Of the system that the bridge runs in.
    OWN
  }

  private final String name;
  private final Role role;
  private final Link link;
  private final Clocks clocks;
  private volatile Vlans vlans;
  private volatile boolean open = true;

  private final LongAdder receivedFrames = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder sentFrames = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();
  private final Map<DropReason, LongAdder> drops = new EnumMap<>(DropReason.class);

  private final AtomicInteger stations = new AtomicInteger();
  private final AtomicLong sweptNanos;

  private volatile CaptureFiles capture;
  private volatile String captureError = "";

  Port(String name, Role role, Link link, Vlans vlans, Clocks clocks) {
    this.name = name;
    this.role = role;
    this.link = link;
    this.vlans = vlans;
    this.clocks = clocks;
    this.sweptNanos = new AtomicLong(clocks.nanoTime() - SWEEP_NANOS);
    for (DropReason reason : DropReason.values()) {
      drops.put(reason, new LongAdder());
    }
  }

  public String name() {
    return name;
  }

  public Role role() {
    return role;
  }

  public Vlans vlans() {
    return vlans;
  }

  /// Puts the port into other virtual LANs; for frames that arrive from now on.
  public void changeVlans(Vlans to) {
    vlans = to;
  }

  /// Whether the port is part of its bridge.
  public boolean isOpen() {
    return open;
  }

  /// What went through so far.
  public PortCounters counters() {
    Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    drops.forEach((reason, count) -> {
      if (count.sum() > 0) {
        dropped.put(reason, count.sum());
      }
    });
    return new PortCounters(
        receivedFrames.sum(),
        receivedBytes.sum(),
        sentFrames.sum(),
        sentBytes.sum(),
        Collections.unmodifiableMap(dropped),
        stations.get());
  }

  /// Writes what comes and goes here into files from now on; ends a capture that there was.
  public synchronized void startCapture(Path folder, Room room) throws IOException {
    stopCapture();
    captureError = "";
    capture = new CaptureFiles(folder, name, room, List.of(name));
  }

  /// Ends the capture, if there is one.
  ///
  /// @return its files, the oldest first
  public synchronized List<Path> stopCapture() throws IOException {
    CaptureFiles was = capture;
    capture = null;
    if (was == null) {
      return List.of();
    }
    was.close();
    return was.files();
  }

  /// Why a capture ended by itself; nothing while all is well.
  public Optional<String> captureError() {
    return captureError.isEmpty() ? Optional.empty() : Optional.of(captureError);
  }

  void close() {
    open = false;
    link.connect(frame -> {});
  }

  void connect(Bridge bridge) {
    link.connect(frame -> Turns.take(bridge, this, frame));
  }

  AtomicInteger stations() {
    return stations;
  }

  /// Whether it is time again to look for old stations.
  boolean maySweep(long nowNanos) {
    long last = sweptNanos.get();
    return nowNanos - last >= SWEEP_NANOS && sweptNanos.compareAndSet(last, nowNanos);
  }

  void received(byte[] frame) {
    receivedFrames.increment();
    receivedBytes.add(frame.length);
    record(Direction.INBOUND, frame);
  }

  void dropped(DropReason reason) {
    drops.get(reason).increment();
  }

  /// Sends a frame.
  ///
  /// @return whether the link took it
  boolean send(byte[] frame) {
    if (!open) {
      return false;
    }
    record(Direction.OUTBOUND, frame);
    try {
      link.send(frame);
    } catch (RuntimeException e) {
      // What is plugged in fails; that is no reason for others to go without their frames.
      return false;
    }
    sentFrames.increment();
    sentBytes.add(frame.length);
    return true;
  }

  private void record(Direction direction, byte[] frame) {
    CaptureFiles to = capture;
    if (to == null) {
      return;
    }
    try {
      to.write(CapturedFrame.of(0, clocks.epochNanos(), direction, frame));
    } catch (IOException e) {
      giveUp(to, e);
    }
  }

  private synchronized void giveUp(CaptureFiles failed, IOException cause) {
    if (capture == failed) {
      capture = null;
      captureError = String.valueOf(cause.getMessage());
      try {
        failed.close();
      } catch (IOException e) {
        captureError += "; " + e.getMessage();
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
