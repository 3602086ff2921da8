// A sequence of bytes as a sequence of choices: what a fuzzer changes and a seed produces. Whoever draws from it gets
// something sensible whatever the bytes are, so that a fuzzer's time is not spent on input that the first check
// refuses. When the bytes are used up every choice is the first one.
#pragma once

#include <QByteArray>

#include <initializer_list>

namespace sessionscope::fuzz {

class Choices
{
public:
    explicit Choices(QByteArrayView bytes) : m_bytes(bytes) {}

    bool isEmpty() const { return m_at >= m_bytes.size(); }
    quint8 byte() { return isEmpty() ? 0 : quint8(m_bytes[m_at++]); }
    /// 0 to count - 1; count is 1 to 256.
    quint32 below(quint32 count) { return byte() % count; }
    bool oneIn(quint32 count) { return below(count) == count - 1; }
    quint32 number(int bytes)
    {
        quint32 value = 0;
        for (int i = 0; i < bytes; ++i)
            value = value << 8 | byte();
        return value;
    }
    template<class Value> Value pick(std::initializer_list<Value> values)
    {
        return *(values.begin() + below(quint32(values.size())));
    }

private:
    QByteArrayView m_bytes;
    qsizetype m_at = 0;
};

} // namespace sessionscope::fuzz
