using Clouds.Server.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus;

namespace Clouds.Server.Measures;

/// <summary>What the server counts, in the text format of Prometheus.</summary>
internal sealed class ServerMetrics
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly Counter _requests;
    private readonly Histogram _seconds;

    public ServerMetrics(Workplace workplace)
    {
        MetricFactory factory = Metrics.WithCustomRegistry(_registry);
        _requests = factory.CreateCounter("clouds_requests_total", "Requests answered, by route, method and status.", "route", "method", "status");
        _seconds = factory.CreateHistogram("clouds_request_seconds", "Seconds from the first byte of a request to the last of its answer, by route.", ["route"],
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 4, 9) });
        Gauge running = factory.CreateGauge("clouds_requests_running", "Requests that are computed.");
        Gauge waiting = factory.CreateGauge("clouds_requests_waiting", "Requests that are read or wait for their turn.");
        Gauge resident = factory.CreateGauge("clouds_memory_resident_bytes", "Memory of the process.");
        Gauge managed = factory.CreateGauge("clouds_memory_managed_bytes", "Memory of the process's managed objects.");
        _registry.AddBeforeCollectCallback(() =>
        {
            running.Set(workplace.Running);
            waiting.Set(workplace.Waiting);
            resident.Set(Environment.WorkingSet);
            managed.Set(GC.GetTotalMemory(forceFullCollection: false));
        });
    }

    /// <summary>Counts a request that is answered; its labels are words of ours, so that nobody can make up new ones.</summary>
    public void Answered(HttpContext context, TimeSpan time)
    {
        string route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        string method = Methods.Contains(context.Request.Method) ? context.Request.Method : "other";
        _requests.WithLabels(route, method, $"{context.Response.StatusCode}").Inc();
        _seconds.WithLabels(route).Observe(time.TotalSeconds);
    }

    /// <summary>The text.</summary>
    public async Task<byte[]> Text(CancellationToken cancellation)
    {
        using MemoryStream text = new();
        await _registry.CollectAndExportAsTextAsync(text, cancellation).ConfigureAwait(false);
        return text.ToArray();
    }
}
