#include "core/lab/misbehaviour.h"

#include <array>

namespace sessionscope {

namespace {

using B = BrokerMisbehaviour;
using C = ClientMisbehaviour;

constexpr MisbehaviourRow<B> ofBroker[] = {
    {B::SessionPresentFalse, "session_present_false", "says Session Present 0 though it resumes the session",
     "MQTT-3.2.2-3"},
    {B::SessionPresentTrue, "session_present_true", "says Session Present 1 though the session is new",
     "MQTT-3.2.2-2 MQTT-3.2.2-3"},
    {B::IgnoresCleanStart, "ignores_clean_start", "resumes the old session although the client asks for Clean Start 1",
     "MQTT-3.1.2-4 MQTT-3.2.2-2"},
    {B::LeaksOldSession, "leaks_old_session",
     "answers Clean Start 1 as it should, and keeps subscriptions and messages of the old session", "MQTT-3.1.2-4"},
    {B::ForgetsSession, "forgets_session", "ends every session with its connection, whatever its expiry",
     "MQTT-3.1.2-23 MQTT-4.1.0-1"},
    {B::SessionExpiresEarly, "session_expires_early", "ends sessions at half of their expiry interval",
     "MQTT-3.1.2-23"},
    {B::SessionNeverExpires, "session_never_expires", "keeps every session for ever, also with an expiry of 0",
     "MQTT-4.1.0-2"},
    {B::ForgetsSubscriptions, "forgets_subscriptions", "resumes a session without its subscriptions", "MQTT-3.1.2-5"},
    {B::ForgetsQueue, "forgets_queue", "resumes a session without the messages that came meanwhile", "MQTT-4.5.0-1"},
    {B::ForgetsInflight, "forgets_inflight",
     "resumes a session without what was sent and not acknowledged, and never sends that again", "MQTT-4.4.0-1"},
    {B::KeepsReplacedConnection, "keeps_replaced_connection",
     "lets a second client take the session over without closing the first one's connection", "MQTT-3.1.4-3"},
    {B::ConnackTwice, "connack_twice", "sends its CONNACK twice", "MQTT-3.2.0-2"},
    {B::PacketBeforeConnack, "packet_before_connack", "sends a PINGRESP before its CONNACK", "MQTT-3.2.0-1"},
    {B::ResendWithoutDup, "resend_without_dup", "sends unacknowledged messages again with DUP 0", "MQTT-3.3.1-1"},
    {B::DupOnFirstSend, "dup_on_first_send", "sends messages of QoS 1 and 2 with DUP 1 the first time",
     "MQTT-3.3.1-3 MQTT-4.3.2-2 MQTT-4.3.3-2"},
    {B::ResendWithNewPacketId, "resend_with_new_packet_id",
     "sends unacknowledged messages again under another Packet Identifier", "MQTT-4.4.0-1"},
    {B::ResendWithoutReconnect, "resend_without_reconnect",
     "sends each message of QoS 1 and 2 again on the same connection, with DUP 1", "MQTT-4.4.0-1"},
    {B::PublishAgainAfterPubrec, "publish_again_after_pubrec",
     "sends the PUBLISH again when its PUBREC has come, and then PUBREL", "MQTT-4.3.3-6"},
    {B::LosesMessages, "loses_messages", "takes every second message of QoS 1 and 2 for delivered and does not send it",
     "MQTT-4.3.2-3 MQTT-4.5.0-1"},
    {B::Qos2TakenAgain, "qos2_taken_again", "takes a QoS 2 message that a client sends again for a new one",
     "MQTT-4.3.3-10"},
    {B::Qos2RoutedTwice, "qos2_routed_twice", "hands each QoS 2 message on twice, under two Packet Identifiers",
     "MQTT-4.3.3-10"},
    {B::OutOfOrder, "out_of_order",
     "lets each second message overtake the one before; one that stays alone comes a second late", "MQTT-4.6.0-5"},
    {B::PacketIdZero, "packet_id_zero", "sends messages of QoS 1 and 2 with Packet Identifier 0", "MQTT-2.2.1-4"},
    {B::Qos3, "qos_3", "sends messages with a QoS of 3", "MQTT-3.3.1-4"},
    {B::WildcardInTopic, "wildcard_in_topic", "sends messages with /# behind their topic", "MQTT-3.3.2-2"},
    {B::DowngradesQos, "downgrades_qos", "delivers at one QoS less than it granted", "MQTT-3.8.4-8"},
    {B::UpgradesQos, "upgrades_qos", "delivers at the QoS of the publisher, whatever it granted", "MQTT-3.8.4-8"},
    {B::WithholdsPuback, "withholds_puback", "never sends PUBACK", "MQTT-4.3.2-4"},
    {B::WithholdsPubrec, "withholds_pubrec", "never sends PUBREC", "MQTT-4.3.3-8"},
    {B::WithholdsPubrel, "withholds_pubrel", "never sends PUBREL", "MQTT-4.3.3-4"},
    {B::WithholdsPubcomp, "withholds_pubcomp", "never sends PUBCOMP", "MQTT-4.3.3-11"},
    {B::WithholdsSuback, "withholds_suback", "never sends SUBACK", "MQTT-3.8.4-1"},
    {B::WithholdsUnsuback, "withholds_unsuback", "never sends UNSUBACK", "MQTT-3.10.4-4"},
    {B::WithholdsPingresp, "withholds_pingresp", "never sends PINGRESP", "MQTT-3.12.4-1"},
    {B::WrongPacketIdInAck, "wrong_packet_id_in_ack", "acknowledges the Packet Identifier after the right one",
     "MQTT-2.2.1-5"},
    {B::AcksTwice, "acks_twice", "sends each PUBACK and PUBREC twice", "MQTT-4.3.2-4 MQTT-4.3.3-8"},
    {B::AcksOutOfOrder, "acks_out_of_order",
     "lets each second PUBACK or PUBREC overtake the one before; one that stays alone comes a second late",
     "MQTT-4.3.2-4 MQTT-4.3.3-8"},
    {B::SubackTooFewCodes, "suback_too_few_codes", "leaves the last reason code out of SUBACK", "MQTT-3.8.4-6"},
    {B::IgnoresReceiveMaximum, "ignores_receive_maximum",
     "sends more messages at once than the client's Receive Maximum (5.0)", "MQTT-3.3.4-9"},
    {B::IgnoresMaximumPacketSize, "ignores_maximum_packet_size",
     "sends packets larger than the client's Maximum Packet Size (5.0)", "MQTT-3.1.2-24"},
    {B::IgnoresTopicAliasMaximum, "ignores_topic_alias_maximum",
     "gives topics an alias above the client's Topic Alias Maximum (5.0)", "MQTT-3.1.2-26 MQTT-3.3.2-11"},
    {B::IgnoresKeepAlive, "ignores_keep_alive", "never closes over a keep alive that has run out", "MQTT-3.1.2-22"},
    {B::IgnoresUnsubscribe, "ignores_unsubscribe", "answers UNSUBSCRIBE and goes on delivering", "MQTT-3.10.4-2"},
    {B::IgnoresNoLocal, "ignores_no_local", "sends a client its own messages despite No Local (5.0)", "MQTT-3.8.3-3"},
    {B::ForgetsSubscriptionIdentifiers, "forgets_subscription_identifiers",
     "sends messages without the identifiers of their subscriptions (5.0)", "MQTT-3.3.4-3 MQTT-3.3.4-4"},
    {B::ClearsRetain, "clears_retain", "sends retained messages to a new subscription with RETAIN 0",
     "v3:MQTT-3.3.1-8"},
    {B::KeepsRetain, "keeps_retain",
     "forwards messages that are published with RETAIN 1 with it, though Retain As Published is 0", "MQTT-3.3.1-12"},
    {B::ForgetsMessageExpiry, "forgets_message_expiry",
     "forgets the Message Expiry Interval: delivers what is over, and tells no interval (5.0)",
     "MQTT-3.3.2-5 MQTT-3.3.2-6"},
    {B::MessageExpiryNotCountedDown, "message_expiry_not_counted_down",
     "forwards the Message Expiry Interval as it came, however long the message waited (5.0)", "MQTT-3.3.2-6"},
    {B::WillAtDisconnect, "will_at_disconnect", "publishes the will also after a plain DISCONNECT",
     "MQTT-3.1.2-10 MQTT-3.14.4-3"},
    {B::ForgetsWill, "forgets_will", "never publishes a will", "MQTT-3.1.2-8"},
    {B::WillTwice, "will_twice", "publishes each will twice", "MQTT-3.1.2-10"},
    {B::IgnoresWillDelay, "ignores_will_delay", "publishes wills at once, whatever their delay (5.0)",
     "MQTT-3.1.2-8 MQTT-3.1.3-9"},
};

constexpr MisbehaviourRow<C> ofClient[] = {
    {C::ResendWithoutDup, "resend_without_dup", "sends unacknowledged messages again with DUP 0", "MQTT-3.3.1-1"},
    {C::DupOnFirstSend, "dup_on_first_send", "sends messages of QoS 1 and 2 with DUP 1 the first time",
     "MQTT-4.3.2-2 MQTT-4.3.3-2"},
    {C::ResendWithNewPacketId, "resend_with_new_packet_id",
     "sends unacknowledged messages again under another Packet Identifier", "MQTT-4.4.0-1"},
    {C::ResendWithoutReconnect, "resend_without_reconnect",
     "sends each message of QoS 1 and 2 again on the same connection, with DUP 1", "MQTT-4.4.0-1"},
    {C::PublishAgainAfterPubrec, "publish_again_after_pubrec",
     "sends the PUBLISH again when its PUBREC has come, and then PUBREL", "MQTT-4.3.3-6"},
    {C::ForgetsInflight, "forgets_inflight",
     "keeps its session, and forgets at the end of a connection what was not acknowledged or released", "MQTT-4.4.0-1"},
    {C::PacketIdZero, "packet_id_zero", "sends messages of QoS 1 and 2 with Packet Identifier 0", "MQTT-2.2.1-3"},
    {C::Qos3, "qos_3", "sends messages with a QoS of 3", "MQTT-3.3.1-4"},
    {C::WildcardInTopic, "wildcard_in_topic", "sends messages with /# behind their topic", "MQTT-3.3.2-2"},
    {C::TopicAliasTooLarge, "topic_alias_too_large",
     "gives topics an alias above the server's Topic Alias Maximum (5.0)", "MQTT-3.2.2-17 MQTT-3.3.2-9"},
    {C::WithholdsPuback, "withholds_puback", "never sends PUBACK", "MQTT-4.3.2-4 MQTT-4.5.0-2"},
    {C::WithholdsPubrec, "withholds_pubrec", "never sends PUBREC", "MQTT-4.3.3-8 MQTT-4.5.0-2"},
    {C::WithholdsPubrel, "withholds_pubrel", "never sends PUBREL", "MQTT-4.3.3-4"},
    {C::WithholdsPubcomp, "withholds_pubcomp", "never sends PUBCOMP", "MQTT-4.3.3-11"},
    {C::WrongPacketIdInAck, "wrong_packet_id_in_ack", "acknowledges the Packet Identifier after the right one",
     "MQTT-2.2.1-5"},
    {C::AcksTwice, "acks_twice", "sends each PUBACK and PUBREC twice", "MQTT-4.3.2-4 MQTT-4.3.3-8"},
    {C::AcksOutOfOrder, "acks_out_of_order",
     "lets each second PUBACK or PUBREC overtake the one before; one that stays alone comes a second late",
     "MQTT-4.6.0-2 MQTT-4.6.0-3"},
    {C::AnswersQos2WithPuback, "answers_qos2_with_puback", "answers messages of QoS 2 with PUBACK", "MQTT-3.3.4-1"},
    {C::IgnoresReceiveMaximum, "ignores_receive_maximum",
     "sends more messages at once than the server's Receive Maximum (5.0)", "MQTT-3.3.4-7"},
    {C::IgnoresMaximumPacketSize, "ignores_maximum_packet_size",
     "sends packets larger than the server's Maximum Packet Size (5.0)", "MQTT-3.2.2-15"},
    {C::SilentPastKeepAlive, "silent_past_keep_alive", "sends no PINGREQ, so that its keep alive runs out",
     "MQTT-3.1.2-20"},
    {C::SecondConnect, "second_connect", "sends CONNECT again on an accepted connection", "MQTT-3.1.0-2"},
};

template<class Row, std::size_t size> constexpr bool standInOrder(const Row (&rows)[size])
{
    for (std::size_t i = 0; i < size; ++i) {
        if (std::size_t(rows[i].way) != i)
            return false;
    }
    return size <= 64;
}

static_assert(standInOrder(ofBroker) && std::size(ofBroker) == std::size_t(B::IgnoresWillDelay) + 1);
static_assert(standInOrder(ofClient) && std::size(ofClient) == std::size_t(C::SecondConnect) + 1);

} // namespace

template<> std::span<const MisbehaviourRow<BrokerMisbehaviour>> misbehaviours()
{
    return ofBroker;
}

template<> std::span<const MisbehaviourRow<ClientMisbehaviour>> misbehaviours()
{
    return ofClient;
}

} // namespace sessionscope
