// What the events of a trace are made of, field by field, once for writing and reading alike. Private to the recording.
#pragma once

#include "core/trace/trace_record.h"

namespace sessionscope {

// Words of enumerations, in the order of their values.
template<class Enum> inline constexpr const char *const *wordsOf = nullptr;
template<class Enum> inline constexpr std::size_t wordCountOf = 0;

#define SESSIONSCOPE_WORDS(Enum, ...)                                                                                  \
    inline constexpr const char *words##Enum[] = {__VA_ARGS__};                                                        \
    template<> inline constexpr const char *const *wordsOf<Enum> = words##Enum;                                        \
    template<> inline constexpr std::size_t wordCountOf<Enum> = std::size(words##Enum);

SESSIONSCOPE_WORDS(Role, "client", "broker")
SESSIONSCOPE_WORDS(Direction, "sent", "received")
SESSIONSCOPE_WORDS(LinkChange, "opening", "opened", "accepted", "failed", "closed_by_us", "cut", "closed_by_peer",
                   "reset_by_peer", "error")
SESSIONSCOPE_WORDS(FaultAct, "cut_before", "cut_after", "cut_within", "dropped", "duplicated", "delayed", "held",
                   "corrupted", "answered", "silenced", "silence_over", "throttled", "raw", "misbehaved")
SESSIONSCOPE_WORDS(Sender, "client", "server")
SESSIONSCOPE_WORDS(SessionEnd, "connection_closed", "expired", "clean_start", "session_not_present", "forgotten",
                   "taken_over", "administrative", "queue_full")
SESSIONSCOPE_WORDS(SessionChange, "created", "resumed", "detached", "ended")
SESSIONSCOPE_WORDS(DropCause, "queue_full", "expired", "too_large_for_receiver", "qos_zero_offline", "qos_zero_blocked",
                   "refused_by_receiver", "not_authorized")
SESSIONSCOPE_WORDS(Handling, "refused", "noted")
SESSIONSCOPE_WORDS(AuthenticationStep, "begin", "begin_again", "challenge", "proof")
using MalformedProblem = Malformed::Problem;
SESSIONSCOPE_WORDS(MalformedProblem, "reserved_type", "bad_length", "too_large", "field_runs_past_end",
                   "bytes_left_over", "unknown_property", "unsupported_version", "bad_property_length")
using FindingAnswer = rules::Answer;
SESSIONSCOPE_WORDS(FindingAnswer, "close", "refuse")

#undef SESSIONSCOPE_WORDS

// A value without a word could not be written.
static_assert(wordCountOf<SessionEnd> == std::size_t(SessionEnd::QueueFull) + 1);
static_assert(wordCountOf<DropCause> == dropCauseCount);
static_assert(wordCountOf<LinkChange> == std::size_t(LinkChange::Error) + 1);
static_assert(wordCountOf<FaultAct> == std::size_t(FaultAct::Misbehaved) + 1);
static_assert(wordCountOf<AuthenticationStep> == std::size_t(AuthenticationStep::Proof) + 1);
static_assert(wordCountOf<SessionChange> == std::size_t(SessionChange::Ended) + 1);
static_assert(wordCountOf<MalformedProblem> == std::size_t(MalformedProblem::BadPropertyLength) + 1);

// One function for each event. Io has operator()(name, field) for every type of field there is; a secret goes through
// io.frame().

template<class Io> void fields(Io &io, Malformed &malformed)
{
    io("problem", malformed.problem);
    io("offset", malformed.offset);
    io("field", malformed.field);
    io("reason", malformed.reason);
    io("protocol_level", malformed.protocolLevel);
}

template<class Io> void fields(Io &io, rules::Finding &finding)
{
    io("statement", finding.statement);
    io("what", finding.what);
    io("reason", finding.reason);
    io("blame", finding.blame);
    io("answer", finding.answer);
}

template<class Io> void fields(Io &io, PacketTrace &trace)
{
    io("direction", trace.direction);
    io("version", trace.version);
    io.frame("hex", trace);
    io("malformed", trace.malformed);
}

template<class Io> void fields(Io &io, LinkTrace &link)
{
    io("change", link.change);
    io("detail", link.detail);
}

template<class Io> void fields(Io &io, FaultTrace &fault)
{
    io("act", fault.act);
    io("fault", fault.fault);
    io("detail", fault.detail);
    io.frame("hex", fault);
}

template<class Io> void fields(Io &io, CommandTrace &command)
{
    io("command", command.text);
}

template<class Io> void fields(Io &io, FindingTrace &trace)
{
    fields(io, trace.finding);
    io("packet", trace.packet);
    io("version", trace.version);
}

// ---- what a client reported ----

template<class Io> void fields(Io &io, ConnectionAccepted &report)
{
    io("resumed", report.resumed);
}

template<class Io> void fields(Io &io, ConnectionRefused &report)
{
    io("reason", report.reason);
    io("server_reference", report.serverReference);
}

template<class Io> void fields(Io &io, MessageDelivered &report)
{
    io("publish", report.publish);
}

template<class Io> void fields(Io &io, PublishAccepted &report)
{
    io("token", report.token);
}

template<class Io> void fields(Io &io, PublishCompleted &report)
{
    io("token", report.token);
    io("reason", report.reason);
}

template<class Io> void fields(Io &io, PublishLost &report)
{
    io("token", report.token);
}

template<class Io> void fields(Io &io, RequestCompleted &report)
{
    io("packet", report.type);
    io("filters", report.filters);
    io("reasons", report.reasons);
}

template<class Io> void fields(Io &io, RequestUnanswered &report)
{
    io("packet", report.type);
    io("filters", report.filters);
}

template<class Io> void fields(Io &io, SessionEnded &report)
{
    io("why", report.why);
}

template<class Io> void fields(Io &io, ViolationFound &report)
{
    fields(io, report.finding);
}

template<class Io> void fields(Io &io, CommandRefused &report)
{
    io("why", report.why);
}

template<class Io> void fields(Io &io, DisconnectReceived &report)
{
    io("reason", report.reason);
    io("server_reference", report.serverReference);
}

template<class Io> void fields(Io &io, AnswerOverdue &report)
{
    io("packet", report.awaited);
}

/// What the server said is a secret, too.
template<class Io> void fields(Io &io, AuthenticationAsked &report)
{
    io("step", report.step);
}

template<class Io> void fields(Io &io, ReconnectScheduled &report)
{
    io("due", report.at);
    io("attempt", report.attempt);
}

template<class Io> void fields(Io &io, ReconnectStopped &report)
{
    io("why", report.why);
}

template<class Io> void fields(Io &io, ServerRedirected &report)
{
    io("server_reference", report.serverReference);
    io("permanent", report.permanent);
}

template<class Io> void fields(Io &io, AcknowledgementHeld &report)
{
    io("packet", report.type);
    io("packet_id", report.packetId);
}

template<class Io> void fields(Io &io, PublishRequeued &report)
{
    io("token", report.token);
}

template<class Io> void fields(Io &io, ResponseArrived &report)
{
    io("token", report.token);
    io("publish", report.response);
    io("after", report.after);
}

template<class Io> void fields(Io &io, ResponseOverdue &report)
{
    io("token", report.token);
}

// ---- what the broker reported ----

template<class Io> void fields(Io &io, BrokerClose &report)
{
    io("closes", report.link);
    io("why", report.why);
}

template<class Io> void fields(Io &io, ServerSessionChanged &report)
{
    io("client_id", report.clientId);
    io("change", report.change);
    io("why", report.why);
    io("of", report.link);
}

template<class Io> void fields(Io &io, MessageDropped &report)
{
    io("client_id", report.clientId);
    io("topic", report.topic);
    io("drop", report.cause);
}

template<class Io> void fields(Io &io, WillPublished &report)
{
    io("client_id", report.clientId);
    io("topic", report.topic);
    // Recordings of earlier versions do not have them.
    io.later("payload", report.payload);
    io.later("qos", report.qos);
    io.later("retain", report.retain);
}

template<class Io> void fields(Io &io, BrokerRefused &report)
{
    io("of", report.link);
    fields(io, report.finding);
    io("handling", report.handling);
}

} // namespace sessionscope
