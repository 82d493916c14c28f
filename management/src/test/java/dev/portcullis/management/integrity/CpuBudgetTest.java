package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CpuBudgetTest {
  private long cpuNanos = 1_000;

  @Test
  void whoWorksOwesRestInProportion() {
    CpuBudget budget = new CpuBudget(5, () -> cpuNanos);
    assertThat(budget.owedNanos()).isZero();
    cpuNanos += 100;
    assertThat(budget.owedNanos()).isEqualTo(1_900);
    budget.rested(1_000);
    assertThat(budget.owedNanos()).isEqualTo(900);
    budget.rested(5_000);
    assertThat(budget.owedNanos()).as("rest is not saved up").isZero();
    assertThat(budget.usedNanos()).isEqualTo(100);
  }

  @Test
  void shareIsKeptWhateverTheWorkIs() {
    SplittableRandom random = new SplittableRandom(7);
    for (int percent : new int[] {1, 5, 50}) {
      CpuBudget budget = new CpuBudget(percent, () -> cpuNanos);
      long wallNanos = 0;
      for (int i = 0; i < 10_000; i++) {
        long work = random.nextLong(1_000_000);
        cpuNanos += work;
        wallNanos += work;
        long rest = budget.owedNanos();
        budget.rested(rest);
        wallNanos += rest;
      }
      assertThat(budget.usedNanos() * 100.0 / wallNanos).isLessThanOrEqualTo(percent + 0.01);
    }
  }
}
