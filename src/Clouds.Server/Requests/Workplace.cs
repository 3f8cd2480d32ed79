using System.Threading.RateLimiting;
using Clouds.Server.Options;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Requests;

/// <summary>
/// Places for requests that compute. So many are admitted as compute and wait together, before a byte of their bodies is read, so that bodies in memory are
/// bounded; so many decode and compute as there are sessions, so that pictures in memory are bounded. Whoever finds no place is told to come again.
/// </summary>
internal sealed class Workplace(ServerOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _places = new(new ConcurrencyLimiterOptions { PermitLimit = options.Sessions + options.Queue, QueueLimit = 0 });
    private readonly SemaphoreSlim _benches = new(options.Sessions);

    /// <summary>Requests that compute.</summary>
    public int Running => options.Sessions - _benches.CurrentCount;

    /// <summary>Requests that are read or wait.</summary>
    public int Waiting => Math.Max(0, Admitted - Running);

    private int Admitted => options.Sessions + options.Queue - (int)_places.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>Admits a request; dispose the visit when it is answered.</summary>
    /// <exception cref="Refusal">503: there is no place.</exception>
    public Visit Admit(HttpContext context)
    {
        RateLimitLease lease = _places.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            throw Refusal.Busy("the server is busy", $"{Running} requests that are computed, {Waiting} that wait", $"at most {options.Queue} that wait");
        }

        return new Visit(this, lease, context);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _benches.Dispose();
    }

    /// <summary>One request with a place, until its time is over.</summary>
    internal sealed class Visit : IDisposable
    {
        private readonly Workplace _workplace;
        private readonly RateLimitLease _lease;
        private readonly HttpContext _context;
        private readonly CancellationTokenSource _deadline;
        private readonly ServerOptions _options;

        public Visit(Workplace workplace, RateLimitLease lease, HttpContext context)
        {
            (_workplace, _lease, _context, _options) = (workplace, lease, context, workplace.Options);
            _deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            _deadline.CancelAfter(_options.Timeout);
        }

        /// <summary>Reads the body.</summary>
        /// <exception cref="Refusal">400, 413; 408: it did not come in time.</exception>
        public Task<byte[]> ReadBody() => InTime(
            stop => RequestBody.Read(_context.Request, _options.MaxBody, stop),
            () => new Refusal(StatusCodes.Status408RequestTimeout, "the body did not come in time", "body", "less than Content-Length says",
                $"all of it within {_options.Timeout.TotalSeconds} s", "send it again, faster"));

        /// <summary>Computes on a thread of the pool, when it is this request's turn.</summary>
        /// <exception cref="Refusal">503: the time is over.</exception>
        public Task<T> Compute<T>(Func<CancellationToken, T> work) => InTime(
            async stop =>
            {
                await _workplace._benches.WaitAsync(stop).ConfigureAwait(false);
                try
                {
                    return await Task.Run(() => work(stop), stop).ConfigureAwait(false);
                }
                finally
                {
                    _workplace._benches.Release();
                }
            },
            () => Refusal.Busy("the request took too long", "no answer yet", $"one within {_options.Timeout.TotalSeconds} s"));

        /// <inheritdoc/>
        public void Dispose()
        {
            _deadline.Dispose();
            _lease.Dispose();
        }

        private async Task<T> InTime<T>(Func<CancellationToken, Task<T>> work, Func<Refusal> late)
        {
            try
            {
                return await work(_deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!_context.RequestAborted.IsCancellationRequested)
            {
                throw late();
            }
        }
    }

    private ServerOptions Options => options;
}
