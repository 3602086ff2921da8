// An engine on real sockets with the bundled broker on a free port of 127.0.0.1, its newest view and all its records.
#pragma once

#include "core/engine/engine.h"
#include "core/net/socket_network.h"

#include <QTest>

namespace sessionscope {

/// Longer than anything here takes on a busy machine; a test that fails waits this long once.
constexpr int limit = 30'000;

/// An engine with the bundled broker listening on a free port, and its newest view.
class Listening
{
public:
    /// at: 127.0.0.1 with a port of 0, over any transport.
    explicit Listening(const EngineOptions &options = {}, const Endpoint &at = Endpoint{.port = 0},
                       const BrokerConfig &config = {})
        : engine(std::make_unique<Engine>([] { return std::make_unique<SocketNetwork>(); }, options))
    {
        QObject::connect(engine.get(), &Engine::batchReady, engine.get(), [this] {
            EngineBatch batch = engine->takeBatch();
            records.insert(records.end(), batch.records.begin(), batch.records.end());
            view = std::move(batch.view);
        });
        QObject::connect(engine.get(), &Engine::brokerListening, engine.get(),
                         [this](const QString &url) { endpoint = *parseEndpoint(url); });
        endpoint.port = 0;
        engine->listen(at, config);
        [&] { QTRY_VERIFY_WITH_TIMEOUT(endpoint.port != 0, limit); }();
    }

    /// At the broker's endpoint.
    ClientKey addConnected(const QByteArray &name, const ClientPolicy &policy = {}, quint16 keepAlive = 0)
    {
        const ClientKey key = engine->newClientKey();
        engine->submit(AddClient{key, name, endpoint, policy});
        ConnectPacket connect;
        connect.clientId = name;
        connect.keepAlive = keepAlive;
        connect.properties.add(PropertyId::SessionExpiryInterval, 300);
        engine->submit(ClientDo{key, ConnectCommand{connect}});
        return key;
    }
    const ClientView *client(ClientKey key) const
    {
        for (const ClientView &one : view.clients) {
            if (one.key == key)
                return &one;
        }
        return nullptr;
    }
    bool isConnected(ClientKey key) const
    {
        const ClientView *one = client(key);
        return one && one->connection == ClientConnection::Connected;
    }

    std::unique_ptr<Engine> engine;
    Endpoint endpoint;
    LabView view;
    std::vector<TraceRecord> records;
};

} // namespace sessionscope
