using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Tests.Server.Page;
using PuppeteerSharp;

namespace Clouds.Tests.Cli.Method.Pages;

/// <summary>The page of the whole method in a real browser without scripts.</summary>
[Kind(TestKind.Fast)]
public sealed class MethodPageBrowserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task Page_OnAPhoneAndOnAWideScreen_FitsAndNoWordOfTheDrawingLeavesItsBox()
    {
        MethodFolder run = WrittenMethod.Write(_folder["run"], WrittenMethod.Result());
        MethodPage.Write(run.Page, [run]);
        await using IBrowser browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = BrowserFactAttribute.Executable, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            UserDataDir = _folder["profile"],
        });
        await using IPage page = await browser.NewPageAsync();
        await page.SetJavaScriptEnabledAsync(false);
        await page.GoToAsync($"file://{run.Page}");
        foreach (int width in (int[])[360, 1200])
        {
            await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 700 });
            Assert.Equal(width, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
            Assert.Equal(0, await page.EvaluateExpressionAsync<int>("[...document.querySelectorAll('.pipeline a')].filter(box => "
                + "[...box.querySelectorAll('text')].some(text => text.getBBox().width > box.querySelector('rect').getBBox().width)).length"));
        }
    }
}
