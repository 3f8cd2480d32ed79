using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Distributed;

/// <summary>Everybody's bytes to everybody, a few each. What it is for and its number travel along: ranks that do different things are told so.</summary>
internal sealed unsafe class Exchange : Collective
{
    private const int Tag = 2;
    private const int HeadBytes = 2 * sizeof(ulong);
    private readonly int _bytes;
    private readonly byte[] _mine;
    private NativeBuffer? _sent;
    private NativeBuffer? _received;
    private Message[] _messages = [];

    /// <param name="what">What it is for.</param>
    /// <param name="mine">This rank's bytes; every rank has as many.</param>
    public Exchange(string what, ReadOnlySpan<byte> mine)
        : base(what) => (_mine, _bytes) = (mine.ToArray(), HeadBytes + mine.Length);

    /// <summary>All ranks' bytes, in their order.</summary>
    public byte[][] All { get; private set; } = [];

    public override void Begin(MpiWorld world, long number)
    {
        _sent = new NativeBuffer(_bytes);
        _received = new NativeBuffer((long)_bytes * world.Count);
        Span<byte> sent = _sent.Span<byte>(0, _bytes);
        Head(number).CopyTo(MemoryMarshal.Cast<byte, ulong>(sent[..HeadBytes]));
        _mine.CopyTo(sent[HeadBytes..]);
        sent.CopyTo(_received.Span<byte>((long)_bytes * world.Rank, _bytes));
        IEnumerable<int> others = Enumerable.Range(1, world.Count - 1).Select(i => (world.Rank + i) % world.Count);
        _messages =
        [
            .. others.Select(peer => world.Receive(_received.Pointer + ((long)_bytes * peer), _bytes, peer, Tag)),
            .. others.Select(peer => world.Send(_sent.Pointer, _bytes, peer, Tag)),
        ];
    }

    public override bool Advance(MpiWorld world)
    {
        bool complete = true;
        for (int i = 0; i < _messages.Length; i++)
        {
            complete &= world.Test(ref _messages[i]);
        }

        if (complete)
        {
            All = [.. Enumerable.Range(0, world.Count).Select(rank => Part(rank))];
        }

        return complete;
    }

    public override void Dispose()
    {
        base.Dispose();

        // What is still under way may be written to: the process ends soon then.
        if (!_messages.Any(message => message.IsUnderWay))
        {
            _sent?.Dispose();
            _received?.Dispose();
        }
    }

    private ulong[] Head(long number) => [(ulong)number, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(What.AsSpan()))];

    private byte[] Part(int rank)
    {
        Span<byte> part = _received!.Span<byte>((long)_bytes * rank, _bytes);
        return part[..HeadBytes].SequenceEqual(_sent!.Span<byte>(0, HeadBytes))
            ? part[HeadBytes..].ToArray()
            : throw new CloudsException(Failure.Internal, "ranks do different things", $"rank {rank}", "another step of the work", $"'{What}'",
                "give all ranks the same command line, configuration and files");
    }
}
