// The server's side of SCRAM-SHA-256 for one user, by GNU SASL.
#pragma once

#include <QByteArray>

#include <memory>

struct Gsasl;
struct Gsasl_session;

class ScramServer
{
public:
    ScramServer(const QByteArray &userName, const QByteArray &password);
    ~ScramServer();
    Q_DISABLE_COPY_MOVE(ScramServer)

    enum class Verdict : quint8
    {
        Continue,
        Accepted,
        Refused
    };
    struct Answer
    {
        Verdict verdict = Verdict::Refused;
        QByteArray data;
    };
    Answer take(const QByteArray &data);

private:
    static int property(Gsasl *context, Gsasl_session *session, int which);

    QByteArray m_userName;
    QByteArray m_password;
    Gsasl *m_context = nullptr;
    Gsasl_session *m_session = nullptr;
};
