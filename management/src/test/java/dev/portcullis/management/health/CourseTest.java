package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.health.Course.Condition;
import dev.portcullis.management.health.Course.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CourseTest {
  private static final List<RepairStep> USUAL = List.of(RepairStep.RESTART);
  private static final List<RepairStep> LAST = List.of(RepairStep.REBUILD);
  private static final RepairRule RULE =
      new RepairRule(
          Symptom.PARTITION_FAILED,
          List.of("user"),
          USUAL,
          LAST,
          3,
          Duration.ofSeconds(10),
          Duration.ofSeconds(100));

  private final Course course = new Course(RULE);

  private Verdict at(int second, Condition condition) {
    long now = Long.MAX_VALUE - 5 + TimeUnit.SECONDS.toNanos(second);
    Verdict verdict = course.judge(condition, now);
    if (verdict == Verdict.ATTEMPT) {
      course.attempted(now);
    }
    return verdict;
  }

  @Test
  void pausesDoubleAndThenItIsGivenUpOnce() {
    assertThat(at(0, Condition.ILL)).isEqualTo(Verdict.ATTEMPT);
    assertThat(at(9, Condition.ILL)).isEqualTo(Verdict.NOTHING);
    assertThat(at(10, Condition.ILL)).isEqualTo(Verdict.ATTEMPT);
    assertThat(at(29, Condition.ILL)).isEqualTo(Verdict.NOTHING);
    assertThat(at(30, Condition.ILL)).isEqualTo(Verdict.ATTEMPT);
    assertThat(at(69, Condition.ILL)).isEqualTo(Verdict.NOTHING);
    assertThat(at(70, Condition.ILL)).isEqualTo(Verdict.GIVE_UP);
    for (int second = 71; second < 100_000; second += 1000) {
      assertThat(at(second, Condition.ILL)).isEqualTo(Verdict.NOTHING);
    }
  }

  @Test
  void onlyWhoIsWellLongEnoughBeginsAnew() {
    at(0, Condition.ILL);
    at(10, Condition.ILL);
    at(30, Condition.ILL);
    at(31, Condition.WELL);
    at(130, Condition.WELL);
    assertThat(at(130, Condition.ILL)).isEqualTo(Verdict.GIVE_UP);

    at(131, Condition.WELL);
    at(200, Condition.HELD);
    at(201, Condition.WELL);
    at(300, Condition.WELL);
    assertThat(at(300, Condition.ILL)).isEqualTo(Verdict.NOTHING);

    at(301, Condition.WELL);
    at(401, Condition.WELL);
    assertThat(at(402, Condition.ILL)).isEqualTo(Verdict.ATTEMPT);
    assertThat(course.attempts()).isEqualTo(1);
  }

  @Test
  void nothingIsDoneAboutWhatSomebodyElseDecides() {
    for (int second = 0; second < 1000; second++) {
      assertThat(at(second, Condition.HELD)).isEqualTo(Verdict.NOTHING);
    }
    assertThat(course.attempts()).isZero();
  }

  @Test
  void lastAttemptMayDoMore() {
    assertThat(RULE.stepsOf(1)).isEqualTo(USUAL);
    assertThat(RULE.stepsOf(2)).isEqualTo(USUAL);
    assertThat(RULE.stepsOf(3)).isEqualTo(LAST);
  }
}
