using System.Net;
using System.Net.Sockets;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Server.Measures;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Clouds.Server.Routes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Clouds.Server.Hosting;

/// <summary>
/// A page and a small HTTP interface over models: HTTP/1.1 on one port, one token, bodies, pixels, time and waiting requests bounded. Every failure
/// is answered with what, where, found, expected and next as JSON.
/// </summary>
public sealed class CloudsServer : IAsyncDisposable
{
    private const int MostConnections = 256;
    private static readonly TimeSpan MostForHeaders = TimeSpan.FromSeconds(10);

    private readonly WebApplication _host;
    private readonly Workplace _workplace;
    private readonly ServerOptions _options;

    private CloudsServer(WebApplication host, Workplace workplace, ServerOptions options) => (_host, _workplace, _options) = (host, workplace, options);

    /// <summary>Where it is reached, for instance http://127.0.0.1:8080/.</summary>
    public Uri Address => new(_host.Urls.Single());

    /// <summary>The page with its token behind '#', a part that browsers send nowhere.</summary>
    public string PageUrl => $"{Address}#token={Uri.EscapeDataString(_options.Token)}";

    /// <summary>Starts a server.</summary>
    /// <param name="models">One at least.</param>
    /// <param name="options">Where, for whom and how much.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="CloudsException">Usage: an option is out of range, or the address cannot be listened on; BadInput: there is no such folder.</exception>
    public static async Task<CloudsServer> StartAsync(ServedModels models, ServerOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        options.Require();
        Workplace workplace = new(options);
        CloudsServer server = new(Host(models, options, workplace), workplace, options);
        try
        {
            await server._host.StartAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch (Exception failure)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw failure is IOException or SocketException ? Unreachable(options, failure) : failure;
        }
    }

    /// <summary>Takes no more requests, and lets those under way end within <see cref="ServerOptions.Drain"/>; then ends them.</summary>
    public async Task StopAsync()
    {
        using CancellationTokenSource limit = new(_options.Drain);
        await _host.StopAsync(limit.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync().ConfigureAwait(false);
        _workplace.Dispose();
    }

    // Empty: no settings from the surroundings, no console, no signals; who embeds the server has these.
    private static WebApplication Host(ServedModels models, ServerOptions options, Workplace workplace)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options));
        builder.Services.AddRoutingCore().Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        WebApplication host = builder.Build();
        ServerMetrics metrics = new(workplace);
        Answering answering = new(options, metrics);
        Gate gate = new(options);
        host.Use(next => context => answering.Invoke(context, next));
        host.Use(next => context => gate.Invoke(context, next));
        Map(host, models, options, workplace, metrics);
        return host;
    }

    private static void Map(IEndpointRouteBuilder routes, ServedModels models, ServerOptions options, Workplace workplace, ServerMetrics metrics)
    {
        new PageRoutes().Map(routes);
        new FolderRoutes(options.Folder).Map(routes);
        new StateRoutes(models, options, workplace, metrics).Map(routes);
        if (models.Segmenter is Segmenter segmenter)
        {
            new SegmentRoute(segmenter, options, workplace).Map(routes);
        }

        if (models.Sam is not null)
        {
            new SamRoutes(models, options, workplace).Map(routes);
            new RefineRoute(models, options, workplace).Map(routes);
        }
    }

    // Kestrel's own limit of bodies closes connections before the answer is read; RequestBody has one that answers.
    private static void Limit(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.RequestHeadersTimeout = options.Timeout < MostForHeaders ? options.Timeout : MostForHeaders;
        kestrel.Listen(new IPEndPoint(options.Address, options.Port), listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static CloudsException Unreachable(ServerOptions options, Exception failure) => new(Failure.Usage, "the address cannot be listened on",
        $"{options.Address}:{options.Port}", (failure.InnerException ?? failure).Message, "an address of this machine and a port that is free",
        "name another port; 0 takes one that is free", failure);

    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
