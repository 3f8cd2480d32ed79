using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Clouds.Tests.Native.Downloads;

/// <summary>A server that stops in the midst of its first answer and keeps the connection; later ones are whole.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<ScriptedRequest, byte[]> _answer;
    private readonly List<TcpClient> _clients = [];

    /// <param name="answer">As for <see cref="ScriptedServer"/>.</param>
    public SilentServer(Func<ScriptedRequest, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Its file.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/m");

    public void Dispose()
    {
        _listener.Stop();
        _clients.ForEach(client => client.Dispose());
    }

    private async Task<TcpClient?> AcceptAsync()
    {
        try
        {
            return await _listener.AcceptTcpClientAsync();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task ServeAsync()
    {
        for (int number = 0; await AcceptAsync() is TcpClient client; number++)
        {
            _clients.Add(client);
            byte[] head = new byte[4096];
            int count = await client.GetStream().ReadAsync(head);
            byte[] answer = _answer(new ScriptedRequest(number, Encoding.ASCII.GetString(head, 0, count)));
            await client.GetStream().WriteAsync(number == 0 ? answer.AsMemory(0, answer.Length / 2) : answer);
        }
    }
}
