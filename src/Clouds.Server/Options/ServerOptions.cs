using System.Globalization;
using System.Net;
using Clouds.Diagnostics;

namespace Clouds.Server.Options;

/// <summary>Where a server listens, who may ask, and how much. CloudsServer.StartAsync checks all of it.</summary>
public sealed record ServerOptions
{
    private const int MostPlaces = 10_000;

    /// <summary>The address that is listened on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port, 0..65535; 0: one that is free.</summary>
    public int Port { get; init; }

    /// <summary>Names by which the server is reached beside addresses and "localhost", for instance that of a proxy in front of it.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>What every request but those for the page has to bring along, 16 or more visible characters of ASCII.</summary>
    public string Token { get; init; } = AccessToken.Draw();

    /// <summary>A folder whose images may be listed and read; null: none.</summary>
    public string? Folder { get; init; }

    /// <summary>Bytes of a request's body, at most.</summary>
    public long MaxBody { get; init; } = 32 << 20;

    /// <summary>Pixels of an image, at most.</summary>
    public long MaxPixels { get; init; } = 32_000_000;

    /// <summary>Time that a request may take, from its first byte to its answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Images computed at once, 1 or more: what the segmenter was opened with.</summary>
    public int Sessions { get; init; } = 1;

    /// <summary>Requests that wait for their turn, 0 or more; one more is told to come again.</summary>
    public int Queue { get; init; } = 8;

    /// <summary>Time that requests under way are given when the server stops.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Told in one sentence of what somebody should look at; null: nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Where it listens; the token is a secret that logs have no business with.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");

    /// <summary>Whether only programs of this machine reach the server.</summary>
    internal bool IsLocal => IPAddress.IsLoopback(Address);

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Port is >= 0 and <= ushort.MaxValue, nameof(Port), Port, $"0..{ushort.MaxValue}");
        Require(MaxBody is >= 1 and <= int.MaxValue, nameof(MaxBody), MaxBody, $"1..{int.MaxValue} bytes");
        Require(MaxPixels >= 1, nameof(MaxPixels), MaxPixels, "1 or more pixels");
        Require(Timeout > TimeSpan.Zero && Timeout <= TimeSpan.FromDays(1), nameof(Timeout), Timeout, "more than nothing, at most a day");
        Require(Drain >= TimeSpan.Zero && Drain <= TimeSpan.FromDays(1), nameof(Drain), Drain, "at most a day");
        Require(Sessions is >= 1 and <= MostPlaces, nameof(Sessions), Sessions, $"1..{MostPlaces}");
        Require(Queue is >= 0 and <= MostPlaces, nameof(Queue), Queue, $"0..{MostPlaces} requests");
        AccessToken.Require(Token, nameof(ServerOptions));
    }

    private static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(ServerOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
