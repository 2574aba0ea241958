;;; drive.el --- Does in Emacs what a person does, and writes what is seen to the file that $SEEN names  -*- lexical-binding: t -*-

(require 'cl-lib)
(require 'eglot)
(require 'json)
(require 'yaml-mode)

(setq make-backup-files nil
      create-lockfiles nil
      auto-save-default nil
      eglot-sync-connect 60
      ;; Without command loop there is no idle time in which a buffer is read again.
      revert-without-query '(".*")
      ;; A command that was called by a key, so that menus ask in the minibuffer.
      last-nonmenu-event ?x)

(defconst deadline 60 "Seconds that anything may take.")

(defvar seen nil "What was seen: an alist.")

(defun await (what condition)
  "Wait until CONDITION gives something; WHAT names it if it never does."
  (with-timeout (deadline (error "Waited in vain for %s" what))
    (while (not (funcall condition))
      (accept-process-output nil 0.02))))

(defun see (name value)
  (push (cons name value) seen))

(defun text-of (name)
  "The bytes of the file NAME, as UTF-8."
  (with-temp-buffer
    (let ((coding-system-for-read 'utf-8-unix))
      (insert-file-contents name))
    (buffer-string)))

(defun overwrite (name text)
  "Write TEXT to the file NAME in one step, as editors and git do it."
  (let ((new (concat name ".new"))
        (coding-system-for-write 'utf-8-unix))
    (write-region text nil new nil 'silent)
    (rename-file new name t)))

(defun findings ()
  "What Flymake shows in this buffer; the code of the rule stands in the text."
  (vconcat
   (mapcar (lambda (diagnostic)
             (let ((text (flymake-diagnostic-text diagnostic))
                   (start (flymake-diagnostic-beg diagnostic)))
               (unless (string-match "\\`dbt-hybrid \\[\\([a-z-]+\\)\\]: " text)
                 (error "No rule in %s" text))
               (save-excursion
                 (goto-char start)
                 `((code . ,(match-string 1 text))
                   (message . ,(substring text (match-end 0)))
                   (severity . ,(pcase (flymake-diagnostic-type diagnostic)
                                  ('eglot-error "error")
                                  ('eglot-warning "warning")
                                  (_ "note")))
                   (line . ,(line-number-at-pos))
                   ;; in bytes
                   (column . ,(string-bytes (buffer-substring-no-properties (line-beginning-position) start)))))))
           (flymake-diagnostics))))

(defun has (code)
  (cl-some (lambda (finding) (equal (alist-get 'code finding) code)) (findings)))

(defun await-finding (code)
  (await code (lambda () (has code))))

(defun await-no-finding (code)
  (await (concat "no " code) (lambda () (not (has code)))))

(defun visit (name)
  "Open the file NAME; Flymake starts as it does with the first command."
  (find-file name)
  (await (concat "Eglot in " name) (lambda () (eglot-managed-p)))
  (flymake-start))

(defun pick (title)
  "Choose the code action TITLE at point, by the menu; give the titles of the menu."
  (let (titles)
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt choices &rest _)
                 (setq titles (mapcar #'car choices))
                 title)))
      (call-interactively #'eglot-code-actions))
    (vconcat titles)))

(defun hover ()
  "What ElDoc shows for point."
  (let (text)
    (eglot-hover-eldoc-function (lambda (info &rest _) (setq text info)))
    (await "the hover" (lambda () text))
    (substring-no-properties text)))

(defun offered ()
  "Title and client's command of all that is offered for the first line."
  (vconcat
   (mapcar (lambda (action)
             (let ((command (plist-get action :command)))
               `((title . ,(plist-get action :title))
                 (command . ,(cond ((stringp command) command)
                                   (command (plist-get command :command))
                                   (t ""))))))
           (eglot-code-actions (point-min) (line-end-position)))))

(defun next-finding ()
  (goto-char (point-min))
  (flymake-goto-next-error))

(defun steps ()
  (find-file ".env")
  (call-interactively #'eglot)
  (flymake-start)
  (await-finding "env-parse")
  (see 'env (findings))
  (next-finding)
  (see 'menu (pick "Quote the value"))
  (save-buffer)
  (await-no-finding "env-parse")
  (see 'fixed (findings))
  (see 'saved (text-of ".env"))

  (goto-char (point-min))
  (search-forward "DBT_ENV_SECRET")
  (see 'hover (hover))

  (visit "models/orders.sql")
  (await-finding "env-missing")
  (see 'sql (findings))
  (next-finding)
  (pick "Add DBT_LABEL to .env")
  (save-some-buffers t)
  (await-no-finding "env-missing")
  (see 'added (findings))
  (cd "..")
  (see 'extended (text-of ".env"))

  (kill-buffer ".env")
  (visit "profiles.yml")
  (overwrite ".env" (replace-regexp-in-string "DBT_USER=me\n" "" (text-of ".env")))
  (await-finding "env-missing")
  (see 'outside (findings))
  (overwrite ".env" (alist-get 'extended seen))
  (await-no-finding "env-missing")

  (visit "dbt_project.yml")
  (await-finding "engine-none")
  (see 'project (findings))
  (goto-char (point-min))
  (see 'offered (offered))
  (eglot-shutdown-all))

(condition-case problem
    (steps)
  (error
   (message "%s\nseen so far: %S" (error-message-string problem) seen)
   (kill-emacs 1)))
(overwrite (getenv "SEEN") (decode-coding-string (json-serialize seen) 'utf-8))
(kill-emacs 0)
