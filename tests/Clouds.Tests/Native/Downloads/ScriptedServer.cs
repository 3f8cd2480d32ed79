using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Clouds.Tests.Native.Downloads;

/// <summary>A server of this process that answers each request with the bytes that a test gives, right or wrong, and closes the connection.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<ScriptedRequest, byte[]> _answer;
    private readonly Task _serving;

    /// <param name="answer">The bytes of an answer, head included; null ones never come.</param>
    public ScriptedServer(Func<ScriptedRequest, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Every request, in order.</summary>
    public ConcurrentQueue<ScriptedRequest> Requests { get; } = [];

    /// <summary>The address of a file.</summary>
    public Uri this[string name] => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{name}");

    /// <summary>An answer.</summary>
    /// <param name="status">For instance "200 OK".</param>
    /// <param name="body">What is sent.</param>
    /// <param name="headers">Lines, without Content-Length.</param>
    /// <param name="promised">Content-Length; null: that of the body.</param>
    public static byte[] Answer(string status, ReadOnlySpan<byte> body, string[] headers, long? promised = null)
    {
        string[] lines = [$"HTTP/1.1 {status}", $"Content-Length: {promised ?? body.Length}", "Connection: close", .. headers, "", ""];
        return [.. Encoding.ASCII.GetBytes(string.Join("\r\n", lines)), .. body];
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _serving.Wait();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                await AnswerAsync(client.GetStream());
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The client may leave in the midst of an answer that is too long for it.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] letter = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(letter, _end.Token) > 0)
        {
            head.Append((char)letter[0]);
        }

        ScriptedRequest request = new(Requests.Count, head.ToString());
        Requests.Enqueue(request);
        await stream.WriteAsync(_answer(request), _end.Token);
    }
}

/// <summary>A request.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Head">Its first line and headers.</param>
internal sealed record ScriptedRequest(int Number, string Head)
{
    /// <summary>The first byte that it asks for; 0 without a range.</summary>
    public int From => Header("Range") is string range ? int.Parse(range["bytes=".Length..].TrimEnd('-')) : 0;

    /// <summary>The value of a header; null where there is none.</summary>
    public string? Header(string name) =>
        Head.Split("\r\n").FirstOrDefault(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
}
