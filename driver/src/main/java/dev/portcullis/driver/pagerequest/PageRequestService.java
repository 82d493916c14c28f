package dev.portcullis.driver.pagerequest;

import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.invalidation.InvalidationQueue;
import dev.portcullis.driver.pagerequest.PageRequestHandler.Answer;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.PageGroupResponse;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.register.PageRequestRegisters;
import java.util.HashMap;
import java.util.Map;

/// Reads the page-request queue and answers each group of requests when its last one has come.
///
/// @vtd 11.4.11 Page Request Queue Registers
public final class PageRequestService {
  private final RegisterPort registers;
  private final TableMemory memory;
  private final PageAllocator pages;
  private final InvalidationQueue invalidations;
  private final PageRequestHandler handler;
  private final int sizeLog2;
  private final long base;
  private final long ringBytes;

  /// The worst answer so far to each group whose last request has not come.
  private final Map<Group, Answer> open = new HashMap<>();

  private final InvalidationBatch responses = new InvalidationBatch();
  private long head;

  private record Group(int requesterId, int pasid, int index) {
    static Group of(PageRequestDescriptor request) {
      int pasid = request.hasPasid() ? request.pasid() : -1;
      return new Group(request.requesterId(), pasid, request.group());
    }
  }

  /// A queue of 2^`sizeLog2` pages, not yet given to the unit.
  public PageRequestService(
      Platform platform, InvalidationQueue invalidations, PageRequestHandler handler, int sizeLog2)
      throws DriverException {
    this.registers = platform.registers();
    this.memory = platform.memory();
    this.pages = platform.pages();
    this.invalidations = invalidations;
    this.handler = handler;
    this.sizeLog2 = sizeLog2;
    this.ringBytes = (long) PageAllocator.PAGE_BYTES << sizeLog2;
    this.base = pages.allocate(1 << sizeLog2);
  }

  /// Gives the unit the queue; from now on devices may ask.
  public synchronized void enable() throws DriverException {
    head = 0;
    registers.write64(PageRequestRegisters.PQH.offset(), 0);
    registers.write64(PageRequestRegisters.PQT.offset(), 0);
    registers.write64(
        PageRequestRegisters.PQA.offset(), base | PageRequestRegisters.PQS.encode(sizeLog2));
    clear(PageRequestRegisters.PPR.mask() | PageRequestRegisters.PRO.mask());
  }

  /// Takes every request there is, and answers the groups that are complete.
  ///
  /// @return how many requests there were
  public synchronized int serve() throws DriverException {
    int served = 0;
    clear(PageRequestRegisters.PPR.mask());
    for (long tail = tail(); head != tail; tail = tail()) {
      while (head != tail) {
        serveOne();
        served++;
      }
      registers.write64(PageRequestRegisters.PQH.offset(), head);
    }
    if (hasOverflowed()) {
      // The unit has answered for us what it could not put in: those groups will never be complete.
      open.clear();
      clear(PageRequestRegisters.PRO.mask());
    }
    if (!responses.isEmpty()) {
      invalidations.submit(responses);
      responses.clear();
    }
    return served;
  }

  private void serveOne() throws DriverException {
    PageRequestDescriptor request =
        new PageRequestDescriptor(memory.readLong(base + head), memory.readLong(base + head + 8));
    head = head + PageRequestDescriptor.BYTES & ringBytes - 1;
    boolean stopMarker = request.isLast() && !request.wantsRead() && !request.wantsWrite();
    if (stopMarker) {
      return;
    }
    Group group = Group.of(request);
    Answer answer = worse(open.remove(group), handler.answer(request));
    if (request.isLast()) {
      responses.add(response(request, answer));
    } else {
      open.put(group, answer);
    }
  }

  private static Answer worse(Answer before, Answer now) {
    return before != null && before.compareTo(now) > 0 ? before : now;
  }

  private static PageGroupResponse response(PageRequestDescriptor request, Answer answer) {
    PageGroupResponse response =
        PageGroupResponse.of(request.requesterId(), request.group(), answer.code());
    return request.hasPasid() ? response.withPasid(request.pasid()) : response;
  }

  /// Carries out `batch`, which invalidates a device's own cache. Every request that the device has
  /// sent before is served when this returns; until software allows it to, it sends no others.
  public synchronized void drain(InvalidationBatch batch) throws DriverException {
    InvalidationBatch fenced = new InvalidationBatch();
    fenced.add(InvalidationWait.silent().fencing());
    fenced.addAll(batch);
    boolean lost;
    do {
      invalidations.submitDrainingPageRequests(fenced);
      lost = hasOverflowed();
      serve();
    } while (lost);
  }

  /// Gives the pages back; the unit does not use the queue any more.
  public synchronized void close() {
    pages.free(base, 1 << sizeLog2);
  }

  private long tail() throws DriverException {
    return PageRequestRegisters.PQT_OFFSET.inPlace(
            registers.read64(PageRequestRegisters.PQT.offset()))
        & ringBytes - 1;
  }

  private boolean hasOverflowed() throws DriverException {
    return PageRequestRegisters.PRO.isSet(registers.read32(PageRequestRegisters.PRS.offset()));
  }

  private void clear(long bits) throws DriverException {
    registers.write32(PageRequestRegisters.PRS.offset(), (int) bits);
  }
}
