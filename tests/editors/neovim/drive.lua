-- Does in Neovim what a person does, and writes what is seen to the file that $SEEN names.
local DEADLINE = 60000
local seen = {}

local function await(what, condition)
  if not vim.wait(DEADLINE, condition, 20) then
    error('waited in vain for ' .. what)
  end
end

local function findings()
  local all = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    table.insert(all, {
      code = d.code or d.user_data.lsp.code,
      line = d.lnum + 1,
      column = d.col, -- in bytes
      severity = vim.diagnostic.severity[d.severity]:lower(),
      message = d.message,
    })
  end
  return all
end

local function has(code)
  for _, finding in ipairs(findings()) do
    if finding.code == code then
      return true
    end
  end
  return false
end

local function gone(code)
  return function()
    return not has(code)
  end
end

local function open(name)
  vim.cmd('edit ' .. name)
end

local function read(name)
  local file = assert(io.open(name, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

-- In one step, as editors and git do it: half a file would be read as such.
local function write(name, text)
  local file = assert(io.open(name .. '.new', 'wb'))
  file:write(text)
  file:close()
  assert(os.rename(name .. '.new', name))
end

-- Asks for the code actions at the cursor as a key mapping does, picks one, and gives the titles of the menu.
local function pick(title)
  local titles
  vim.ui.select = function(items, options, choose)
    titles = {}
    local chosen
    for _, item in ipairs(items) do
      local shown = options.format_item(item)
      table.insert(titles, shown)
      if shown == title then
        chosen = item
      end
    end
    choose(chosen)
  end
  vim.lsp.buf.code_action()
  await('the menu with ' .. title, function()
    return titles ~= nil
  end)
  await('the edit', function()
    return #vim.fn.getbufinfo({ bufmodified = 1 }) > 0
  end)
  return titles
end

-- All that is offered for the first line: title and, if it needs one, the client's command.
local function offered()
  local all = {}
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(0),
    range = { start = { line = 0, character = 0 }, ['end'] = { line = 1, character = 0 } },
    context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, 0) },
  }
  for _, reply in pairs(assert(vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, DEADLINE))) do
    for _, action in ipairs(reply.result) do
      local command = action.command
      table.insert(all, { title = action.title, command = type(command) == 'table' and command.command or command or '' })
    end
  end
  return all
end

-- The text of the window that a hover opens.
local function hover()
  local text
  local show = vim.lsp.util.open_floating_preview
  vim.lsp.util.open_floating_preview = function(lines, ...)
    text = table.concat(lines, '\n')
    return show(lines, ...)
  end
  vim.lsp.buf.hover()
  await('the hover', function()
    return text ~= nil
  end)
  vim.lsp.util.open_floating_preview = show
  return text
end

local function steps()
  open('.env')
  await('env-parse', function()
    return has('env-parse')
  end)
  seen.env = findings()
  vim.api.nvim_win_set_cursor(0, { 2, 0 })
  seen.menu = pick('Quote the value')
  vim.cmd('silent write')
  await('no env-parse', gone('env-parse'))
  seen.fixed = findings()
  seen.saved = read('.env')

  vim.api.nvim_win_set_cursor(0, { 4, 3 })
  seen.hover = hover()

  open('models/orders.sql')
  await('env-missing', function()
    return has('env-missing')
  end)
  seen.sql = findings()
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  pick('Add DBT_LABEL to .env')
  vim.cmd('silent wall')
  await('no env-missing', gone('env-missing'))
  seen.added = findings()
  seen.extended = read('.env')

  open('profiles.yml')
  vim.cmd('bdelete .env')
  write('.env', (seen.extended:gsub('DBT_USER=me\n', '')))
  await('env-missing', function()
    return has('env-missing')
  end)
  seen.outside = findings()
  write('.env', seen.extended)
  await('no env-missing', gone('env-missing'))

  vim.cmd('bdelete profiles.yml')
  open('models/orders.sql')
  assert(os.remove('.env'))
  await('env-missing', function()
    return has('env-missing')
  end)
  pick('Add DBT_LABEL to .env')
  vim.cmd('silent wall')
  await('no env-missing', gone('env-missing'))
  seen.created = read('.env')

  open('dbt_project.yml')
  await('engine-none', function()
    return has('engine-none')
  end)
  seen.project = findings()
  seen.offered = offered()
end

local ok, problem = xpcall(steps, debug.traceback)
if not ok then
  io.stderr:write(problem .. '\nseen so far: ' .. vim.inspect(seen) .. '\n')
  vim.cmd('cquit')
end
write(vim.env.SEEN, vim.fn.json_encode(seen)) -- an empty table becomes a list
vim.cmd('qall!')
