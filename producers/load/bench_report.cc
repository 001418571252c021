#include "producers/load/bench_report.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/client/json_text.h"
#include "producers/cli/harmless_text.h"

namespace eventlog {
namespace {

constexpr std::pair<absl::string_view, double> kQuantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}};
constexpr int kBoundsMs[] = {1, 10, 100, 1000};

// One JSON object.
class Object {
 public:
  void Add(absl::string_view name, absl::string_view json) {
    absl::StrAppend(&text_, text_.size() > 1 ? "," : "", "\"", name, "\":", json);
  }
  void Number(absl::string_view name, int64_t value) { Add(name, absl::StrCat(value)); }
  void Real(absl::string_view name, double value) { Add(name, absl::StrFormat("%.3f", value)); }
  void Bool(absl::string_view name, bool value) { Add(name, value ? "true" : "false"); }
  void Text(absl::string_view name, absl::string_view value) {
    std::string json;
    AppendJsonString(value, json);
    Add(name, json);
  }
  std::string Take() { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

std::string LatencyJson(const LatencyHistogram& latency) {
  Object object;
  object.Number("count", latency.count());
  for (const auto& [name, fraction] : kQuantiles) {
    object.Real(name, absl::ToDoubleMicroseconds(latency.Quantile(fraction)));
  }
  object.Real("max", absl::ToDoubleMicroseconds(latency.max()));
  object.Real("mean", absl::ToDoubleMicroseconds(latency.Mean()));
  for (const int bound : kBoundsMs) {
    object.Number(absl::StrCat("over_", bound, "_ms"), latency.CountAbove(absl::Milliseconds(bound)));
  }
  return object.Take();
}

std::string LoadJson(const BenchOptions& options) {
  Object load;
  load.Text("mode", options.rate_per_s.has_value() ? "open" : "closed");
  if (options.rate_per_s.has_value()) {
    load.Number("rate_per_s", *options.rate_per_s);
  } else {
    load.Number("outstanding", options.outstanding);
  }
  load.Text("append", AppendWayName(options.append));
  load.Number("producers", options.producers);
  load.Number("batch_events", options.batch_events);
  load.Text("payload", options.binary ? "binary" : "json");
  load.Text("payload_bytes", options.payload_bytes);
  load.Number("seed", options.seed);
  load.Real("warmup_s", absl::ToDoubleSeconds(options.warmup));
  return load.Take();
}

std::string ScheduleJson(const AppendFigures& appends) {
  Object schedule;
  schedule.Number("due", appends.due);
  schedule.Number("not_sent", appends.not_sent);
  schedule.Number("late_for_log", appends.late_for_log);
  schedule.Number("late_for_generator", appends.late_for_generator);
  schedule.Real("generator_late_max_us", absl::ToDoubleMicroseconds(appends.generator_late_max));
  return schedule.Take();
}

std::string VerificationJson(const Verification& verification) {
  Object object;
  object.Bool("sound", verification.sound());
  object.Text("text", verification.Headline());
  object.Number("expected", verification.expected);
  object.Number("unchanged", verification.unchanged);
  for (size_t i = 0; i < kFaults; ++i) {
    object.Number(FaultName(static_cast<Fault>(i)), verification.count(static_cast<Fault>(i)));
  }
  object.Number("unacknowledged_found", verification.unacknowledged_found);
  object.Number("unacknowledged_absent", verification.unacknowledged_absent);
  object.Number("producers", verification.producers);
  object.Number("ends_unknown", verification.ends_unknown);
  object.Number("records_read", verification.records_read);
  std::string findings = "[";
  for (const Verification::Finding& finding : verification.findings()) {
    Object one;
    one.Text("fault", FaultName(finding.fault));
    one.Text("text", finding.text);
    absl::StrAppend(&findings, findings.size() > 1 ? "," : "", one.Take());
  }
  object.Add("findings", findings + "]");
  return object.Take();
}

std::string CpuJson(const std::optional<absl::Duration>& time) {
  return time.has_value() ? absl::StrFormat("%.3f", absl::ToDoubleSeconds(*time)) : "null";
}

void AddRunJson(const BenchReport& report, Object& object) {
  const AppendFigures& appends = report.appends;
  object.Add("load", LoadJson(report.options));
  object.Bool("interrupted", report.interrupted);
  object.Bool("gave_up", report.gave_up);
  object.Real("measured_s", absl::ToDoubleSeconds(report.measured_for));
  object.Number("sent", report.sent);
  object.Number("acknowledged", appends.acknowledged);
  object.Number("unacknowledged", appends.unacknowledged);
  object.Real("events_per_second", report.events_per_second());
  object.Real("payload_bytes_per_second", report.bytes_per_second());
  object.Add("append_latency_us", LatencyJson(appends.latency));
  object.Add("schedule", report.options.rate_per_s.has_value() ? ScheduleJson(appends) : "null");
  object.Number("connections", report.connections);
  object.Number("retries", report.retries);
  object.Number("duplicates", report.duplicates);
  object.Real("longest_pause_s", absl::ToDoubleSeconds(report.longest_pause));
  Object errors;
  for (const auto& [reason, count] : appends.errors) errors.Number(reason, count);
  object.Add("errors", errors.Take());
  Object cpu;
  cpu.Add("bench_s", CpuJson(report.own_cpu));
  cpu.Add("service_s", CpuJson(report.service_cpu));
  object.Add("cpu", cpu.Take());
  if (report.options.subscribers == 0) return object.Add("subscribers", "null");
  Object subscribers;
  subscribers.Number("count", report.options.subscribers);
  subscribers.Number("delivered", report.delivered);
  subscribers.Number("behind", report.subscribers_behind);
  subscribers.Number("gaps", report.delivery_gaps);
  subscribers.Number("disconnects", report.delivery_disconnects);
  subscribers.Add("latency_us", LatencyJson(report.deliveries));
  object.Add("subscribers", subscribers.Take());
}

// "1.23 ms", with three digits and the unit that fits.
std::string Readable(absl::Duration time) {
  const double us = absl::ToDoubleMicroseconds(time);
  if (us < 1e3) return absl::StrFormat("%.3g us", us);
  return us < 1e6 ? absl::StrFormat("%.3g ms", us / 1e3) : absl::StrFormat("%.3g s", us / 1e6);
}

std::string LatencyText(absl::string_view name, const LatencyHistogram& latency) {
  std::string text = absl::StrFormat("  %-14s", name);
  for (const auto& [quantile, fraction] : kQuantiles) {
    absl::StrAppend(&text, quantile == "p99_9" ? "p99.9" : quantile, " ", Readable(latency.Quantile(fraction)), "   ");
  }
  return absl::StrCat(text, "max ", Readable(latency.max()), "\n");
}

std::string LoadText(const BenchOptions& options) {
  return absl::StrCat(options.rate_per_s.has_value()
                          ? absl::StrCat("open loop, ", *options.rate_per_s, " events/s")
                          : absl::StrCat("closed loop, ", options.outstanding, " outstanding of each"),
                      ", ", options.producers, options.producers == 1 ? " producer, " : " producers, ",
                      AppendWayName(options.append), ", payload ", options.binary ? "binary, " : "JSON, ",
                      options.payload_bytes == "session" ? "as large as a session's events"
                                                         : absl::StrCat(options.payload_bytes, " bytes"));
}

std::string ScheduleText(const AppendFigures& appends) {
  std::string text;
  if (appends.late_for_generator > 0) {
    absl::StrAppend(&text, "  schedule      NOT kept: this process itself sent ", appends.late_for_generator, " of ",
                    appends.due, " events late, up to ", Readable(appends.generator_late_max),
                    "; their latency counts from when they were due\n");
  }
  if (appends.late_for_log > 0) {
    absl::StrAppend(&text, "  schedule      ", appends.late_for_log, " of ", appends.due,
                    " events waited because the log took none; their latency counts from when they were due\n");
  }
  if (appends.not_sent > 0) {
    absl::StrAppend(&text, "  schedule      ", appends.not_sent, " of ", appends.due,
                    " events were due and not sent before the end\n");
  }
  return text.empty() ? "  schedule      kept\n" : text;
}

std::string TroubleText(const BenchReport& report) {
  std::string text;
  if (report.interrupted) absl::StrAppend(&text, "  interrupted   the run was ended before its time\n");
  if (report.gave_up) {
    absl::StrAppend(&text, "  given up      the last answers did not come within --drain_s\n");
  }
  if (report.connections > report.options.producers) {
    absl::StrAppend(&text, "  away          the service was lost and reached again: ", report.connections,
                    " connections of ", report.options.producers, " producers; longest time without an answer ",
                    Readable(report.longest_pause), "\n");
  } else if (report.longest_pause > absl::Seconds(1)) {
    absl::StrAppend(&text, "  away          the service did not answer for ", Readable(report.longest_pause), "\n");
  }
  if (report.duplicates > 0) {
    absl::StrAppend(&text, "  sent again    ", report.duplicates,
                    " events that the log had already: it stored them once\n");
  }
  for (const auto& [reason, count] : report.appends.errors) {
    absl::StrAppend(&text, "  errors        ", count, " events: ", reason, "\n");
  }
  return text;
}

std::string VerificationText(const Verification& verification) {
  std::string text = absl::StrCat("  verification  ", verification.Headline(), "\n");
  if (verification.unacknowledged_found + verification.unacknowledged_absent > 0) {
    absl::StrAppend(&text, "                not acknowledged: ", verification.unacknowledged_found, " stored, ",
                    verification.unacknowledged_absent, " not\n");
  }
  if (verification.ends_unknown > 0) {
    absl::StrAppend(&text, "                of ", verification.ends_unknown, " of ", verification.producers,
                    " producers the log does not say where they ended: what may be missing behind is not known\n");
  }
  const int64_t foreign = verification.count(Fault::kForeign);
  if (foreign > 0) absl::StrAppend(&text, "                events of others in the range: ", foreign, "\n");
  for (const Verification::Finding& finding : verification.findings()) {
    // It quotes events of whomever.
    absl::StrAppend(&text, "                ", FaultName(finding.fault), ": ", Harmless(finding.text), "\n");
  }
  return text;
}

std::string RunText(const BenchReport& report) {
  const AppendFigures& appends = report.appends;
  std::string text = absl::StrCat("  load          ", LoadText(report.options), "\n");
  absl::StrAppendFormat(&text,
                        "  measured      %.1f s, after %.0f s of warm-up, which count only for the verification\n",
                        absl::ToDoubleSeconds(report.measured_for), absl::ToDoubleSeconds(report.options.warmup));
  absl::StrAppend(&text, "  events        ", report.sent, " sent, ", appends.acknowledged, " acknowledged, ",
                  appends.unacknowledged, " not; ", report.retries, " retries\n");
  absl::StrAppendFormat(&text, "  rate          %.0f events/s, %.3f MB/s of payload\n", report.events_per_second(),
                        report.bytes_per_second() / 1e6);
  text += LatencyText("append", appends.latency);
  if (report.options.rate_per_s.has_value()) text += ScheduleText(appends);
  if (report.options.subscribers > 0) {
    text += LatencyText("delivery", report.deliveries);
    absl::StrAppend(&text, "                ", report.delivered, " delivered to ", report.options.subscribers,
                    " subscribers, ", report.subscribers_behind, " of which had not all at the end, ",
                    report.delivery_gaps, " gaps\n");
  }
  absl::StrAppend(&text, "  cpu           ", report.own_cpu.has_value() ? Readable(*report.own_cpu) : "?", " here, ",
                  report.service_cpu.has_value() ? absl::StrCat(Readable(*report.service_cpu), " in the service")
                                                 : "of the service not known",
                  "\n");
  return text + TroubleText(report);
}

}  // namespace

bool BenchReport::sound() const {
  return verification.sound() && (sent == 0 || appends.acknowledged > 0) && subscribers_behind == 0 &&
         delivery_gaps == 0 && delivered >= options.subscribers * verification.unchanged;
}

double BenchReport::events_per_second() const {
  const double seconds = absl::ToDoubleSeconds(measured_for);
  return seconds > 0 ? static_cast<double>(appends.latency.count()) / seconds : 0;
}

double BenchReport::bytes_per_second() const {
  const double seconds = absl::ToDoubleSeconds(measured_for);
  return seconds > 0 ? static_cast<double>(appends.measured_bytes) / seconds : 0;
}

std::string ToJson(const BenchReport& report) {
  Object object;
  object.Text("server", report.server);
  object.Text("log", report.log);
  object.Bool("log_kept", report.log_kept);
  if (!report.options.verify_only) {
    object.Text("run", report.run);
    AddRunJson(report, object);
  }
  object.Add("verification", VerificationJson(report.verification));
  return object.Take();
}

std::string ToText(const BenchReport& report) {
  return absl::StrCat("log ", report.log, " at ", report.server,
                      report.log_kept ? "" : ", made for this run and deleted", "\n",
                      report.options.verify_only ? "" : RunText(report), VerificationText(report.verification));
}

}  // namespace eventlog
