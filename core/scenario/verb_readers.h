// Shapes and readers of the larger verbs, for the table in verbs.cpp, and of subscriptions for profiles.
#pragma once

#include "core/scenario/verbs.h"

namespace sessionscope {

// Connections (connect_verbs.cpp).
const Shape &connectShape();
const Shape &disconnectShape();
const Shape &authShape();
Action readConnectVerb(const Node &node, const VerbContext &context);
Action readDisconnect(const Node &node, const VerbContext &context);
Action readAuth(const Node &node, const VerbContext &context);

// Messages and subscriptions (packet_verbs.cpp).
const Shape &publishShape();
const Shape &subscribeShape();
const Shape &unsubscribeShape();
Action readPublish(const Node &node, const VerbContext &context);
Action readRequest(const Node &node, const VerbContext &context);
/// One filter with its options.
const Shape &subscriptionShape();
/// The SUBSCRIBE for one of that shape.
SubscribeCommand readSubscription(const Node &node, Problems &problems);
Action readSubscribe(const Node &node, const VerbContext &context);
Action readUnsubscribe(const Node &node, const VerbContext &context);

// Acknowledgements (ack_verbs.cpp).
const Shape &holdShape();
const Shape &releaseShape();
const Shape &answerShape();
Action readHold(const Node &node, const VerbContext &context);
Action readRelease(const Node &node, const VerbContext &context);
Action readAnswer(const Node &node, const VerbContext &context);

// Connections and faults (fault_verbs.cpp).
const Shape &cutShape();
const Shape &silenceShape();
const Shape &faultShape();
const Shape &delayShape();
const Shape &corruptShape();
const Shape &throttleShape();
Action readCut(const Node &node, const VerbContext &context);
Action readSilence(const Node &node, const VerbContext &context);
Action readDrop(const Node &node, const VerbContext &context);
Action readDuplicate(const Node &node, const VerbContext &context);
Action readDelay(const Node &node, const VerbContext &context);
Action readCorrupt(const Node &node, const VerbContext &context);
Action readThrottle(const Node &node, const VerbContext &context);
Action readDisarm(const Node &node, const VerbContext &context);

// Misbehaviour (behave_verbs.cpp).
const Shape &brokerBehaveShape();
const Shape &clientBehaveShape();
Action readBrokerBehave(const Node &node, const VerbContext &context);
Action readClientBehave(const Node &node, const VerbContext &context);

/// The Client Identifier of the client that the node names, or what stands there (verbs.cpp).
QByteArray clientIdOf(const Node &node, const VerbContext &context);

} // namespace sessionscope
